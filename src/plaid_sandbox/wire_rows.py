"""From planned rows and bank accounts to Plaid's JSON objects.

A stored row is the encoded object without its `original_description`, which the answer puts in front: so a page is
joined from ready bytes, with or without it.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import orjson

from plaid_sandbox.histories.plan import Details, Place, PlannedAccount
from plaid_sandbox.ids import derived_id

_LOCATION_KEYS = ("address", "city", "country", "lat", "lon", "postal_code", "region", "store_number")
_PAYMENT_META_KEYS = (
    "by_order_of",
    "payee",
    "payer",
    "payment_method",
    "payment_processor",
    "ppd_id",
    "reason",
    "reference_number",
)
_ICONS = "https://plaid-category-icons.plaid.com/PFC_{}.png"


@dataclass(frozen=True, slots=True)
class EncodedRow:
    """A row as it is stored: JSON text of the description, and the rest of the object after it."""

    original: bytes
    rest: bytes

    def decoded(self) -> dict[str, Any]:
        """Return the whole row with its original description."""
        row: dict[str, Any] = orjson.loads(b'{"original_description":' + self.original + b"," + self.rest)
        return row


def encoded(row: dict[str, Any]) -> EncodedRow:
    """Return the stored form of a row that has the key `original_description`."""
    rest = {key: value for key, value in row.items() if key != "original_description"}
    return EncodedRow(orjson.dumps(row["original_description"]), orjson.dumps(rest)[1:])


@cache
def taxonomy() -> dict[str, dict[str, str]]:
    """Return Plaid's category table by detailed code: `primary, version, v1_equivalent`."""
    text = resources.files("plaid_sandbox").joinpath("data/pfc.csv").read_text(encoding="utf-8")
    return {line["detailed"]: line for line in csv.DictReader(text.splitlines())}


def category_object(detailed: str | None, confidence: str | None) -> dict[str, Any] | None:
    """Return the personal finance category (version 2) for a detailed code, or `None` without one."""
    if detailed is None:
        return None
    return {
        "confidence_level": confidence or "UNKNOWN",
        "detailed": detailed,
        "primary": primary_of(detailed),
        "version": "v2",
    }


def primary_of(detailed: str) -> str:
    """Return the longest known primary that the code begins with; the code itself if there is none."""
    known = taxonomy().get(detailed)
    if known is not None:
        return known["primary"]
    primaries = {line["primary"] for line in taxonomy().values()}
    return max((name for name in primaries if detailed.startswith(f"{name}_")), key=len, default=detailed)


def as_version_1(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with its category named as in version 1 of the taxonomy."""
    category = row["personal_finance_category"]
    if category is None:
        return row
    known = taxonomy().get(category["detailed"])
    detailed = known["v1_equivalent"] if known else category["detailed"]
    if not detailed:
        detailed = "TRANSFER_IN_OTHER_TRANSFER_IN" if row["amount"] < 0 else "TRANSFER_OUT_OTHER_TRANSFER_OUT"
    renamed = {**category, "detailed": detailed, "primary": primary_of(detailed), "version": "v1"}
    return {**row, "personal_finance_category": renamed}


def number(amount: Decimal | None) -> float | None:
    """Return the amount as the JSON number with the same digits."""
    return None if amount is None else float(amount)


@lru_cache(maxsize=8192)
def row_template(details: Details, account_id: str, currency: str) -> dict[str, Any]:
    """Return the part of a row that all rows with these details share."""
    category = category_object(details.category, details.confidence)
    merchant_id = None if details.merchant_name is None else derived_id("merchant", details.merchant_name)
    return {
        "account_id": account_id,
        "account_owner": None,
        "authorized_datetime": None,
        "category": None,
        "category_id": None,
        "check_number": details.check_number,
        "counterparties": _counterparties(details, merchant_id),
        "datetime": None,
        "iso_currency_code": currency,
        "location": _location(details.place),
        "logo_url": None,
        "merchant_entity_id": merchant_id,
        "merchant_name": details.merchant_name,
        "name": details.name,
        "original_description": details.original or details.name,
        "payment_channel": details.channel,
        "payment_meta": dict.fromkeys(_PAYMENT_META_KEYS) | dict(details.payment_meta),
        "personal_finance_category": category,
        "personal_finance_category_icon_url": _ICONS.format(category["primary"] if category else "OTHER"),
        "transaction_code": None,
        "transaction_type": _legacy_type(details),
        "unofficial_currency_code": None,
        "website": details.website,
    }


def complete_row(
    template: Mapping[str, Any],
    *,
    transaction_id: str,
    amount: Decimal,
    occurred_on: date,
    posted_on: date | None,
    pending_transaction_id: str | None = None,
) -> dict[str, Any]:
    """Return a whole row; without `posted_on` it is pending and dated when it happened."""
    return {
        **template,
        "amount": float(amount),
        "authorized_date": occurred_on.isoformat(),
        "date": (posted_on or occurred_on).isoformat(),
        "pending": posted_on is None,
        "pending_transaction_id": pending_transaction_id,
        "transaction_id": transaction_id,
    }


def _counterparties(details: Details, merchant_id: str | None) -> list[dict[str, Any]]:
    name = details.merchant_name or details.counterparty
    if name is None:
        return []
    return [
        {
            "account_numbers": None,
            "confidence_level": details.confidence or "LOW",
            "entity_id": merchant_id,
            "logo_url": None,
            "name": name,
            "phone_number": None,
            "type": "merchant" if details.merchant_name else details.counterparty_type,
            "website": details.website,
        }
    ]


def _location(place: Place | None) -> dict[str, Any]:
    if place is None:
        return dict.fromkeys(_LOCATION_KEYS)
    return {key: getattr(place, key) for key in _LOCATION_KEYS}


def _legacy_type(details: Details) -> str:
    if details.channel == "in store":
        return "place"
    return "special" if details.merchant_name is None else "digital"


def account_object(
    planned: PlannedAccount, *, account_id: str, current: Decimal, pending: Decimal, persistent_id: str | None = None
) -> dict[str, Any]:
    """Return Plaid's AccountBase.

    `current` is the bank's figure (owed for credit and loan); `pending` sums pending rows with Plaid's sign.
    """
    available: Decimal | None = None
    if planned.forced_available is not None:
        available = planned.forced_available
    elif planned.has_available and planned.type == "depository":
        available = current - pending
    elif planned.has_available and planned.limit is not None:
        available = planned.limit - current - pending
    body = {
        "account_id": account_id,
        "balances": {
            "available": number(available),
            "current": number(current),
            "iso_currency_code": planned.currency,
            "limit": number(planned.limit),
            "unofficial_currency_code": None,
        },
        "holder_category": planned.holder_category,
        "mask": planned.mask,
        "name": planned.name,
        "official_name": planned.official_name,
        "subtype": planned.subtype,
        "type": planned.type,
    }
    return body if persistent_id is None else {**body, "persistent_account_id": persistent_id}
