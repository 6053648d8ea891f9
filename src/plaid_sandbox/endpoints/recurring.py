"""`/transactions/recurring/get`: what of an item's bank transactions comes back again and again."""

import statistics
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from plaid_sandbox import item_history, items
from plaid_sandbox.call import Answer, Call
from plaid_sandbox.clock import iso
from plaid_sandbox.errors import PlaidError
from plaid_sandbox.ids import derived_id
from plaid_sandbox.wire_rows import EncodedRow, primary_of

_LOOK_BACK = timedelta(days=400)
_ROWS_MOST = 20_000
_MATURE_OF, _EARLY_OF = 3, 2
_AMOUNTS_APART_MOST = Decimal("0.5")
# Frequency: the least and most days between two, and the days until the next.
_RHYTHMS = (
    ("WEEKLY", 6, 8, 7),
    ("BIWEEKLY", 13, 15, 14),
    ("SEMI_MONTHLY", 14, 17, 15),
    ("MONTHLY", 26, 36, 30),
    ("ANNUALLY", 355, 375, 365),
)
_LATE_SHARE = 1.5

Row = dict[str, Any]


def get(call: Call) -> Answer:
    """Return the streams of money in and out that the rows of the last year show."""
    item = items.healthy_item(call.sandbox, call.access_token)
    if item.initial_at is None:
        item_history.begin_transactions(call.sandbox, item, days_requested=None)
    head = item_history.published_head(call.sandbox, item)
    if head is None or item_history.update_status(call.sandbox, item) != "HISTORICAL_UPDATE_COMPLETE":
        raise PlaidError("PRODUCT_NOT_READY")
    account_ids = items.streaming_ids(call.sandbox, item)
    wanted = call.body.get("account_ids")
    if wanted is not None and set(wanted) - set(account_ids):
        raise PlaidError("INVALID_ACCOUNT_ID")
    today = call.sandbox.clock.today()
    _, lines = call.sandbox.store.rows_between(
        item.ordinal,
        head=head,
        first=(today - _LOOK_BACK).isoformat(),
        last=today.isoformat(),
        account_ids=account_ids if wanted is None else wanted,
        limit=_ROWS_MOST,
        offset=0,
    )
    streams = _streams([EncodedRow(line.original, line.rest).decoded() for line in lines], today)
    return {
        "inflow_streams": [stream for stream in streams if stream["last_amount"]["amount"] < 0],
        "outflow_streams": [stream for stream in streams if stream["last_amount"]["amount"] >= 0],
        "updated_datetime": iso(item.last_update_at or item.created_at),
    }


def _streams(rows: list[Row], today: date) -> list[dict[str, Any]]:
    groups: defaultdict[tuple[str, str, bool], list[Row]] = defaultdict(list)
    for row in rows:
        if not row["pending"]:
            payee = f"{row['merchant_name']}/{_stem(row['name'])}"
            groups[row["account_id"], payee, row["amount"] < 0].append(row)
    found = (_stream(payee, sorted(group, key=_by_day), today) for (_, payee, _), group in groups.items())
    return sorted((one for one in found if one is not None), key=lambda one: (one["description"], one["stream_id"]))


def _stem(name: str) -> str:
    """Return a description without the words that differ from time to time."""
    return " ".join(word for word in name.split() if not any(letter.isdigit() for letter in word)) or name


def _by_day(row: Row) -> tuple[str, str]:
    return row["date"], row["transaction_id"]


def _stream(payee: str, rows: list[Row], today: date) -> dict[str, Any] | None:
    days = [date.fromisoformat(row["date"]) for row in rows]
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    rhythm = _rhythm(gaps)
    amounts = [Decimal(str(row["amount"])) for row in rows]
    if rhythm is None or max(map(abs, amounts)) * _AMOUNTS_APART_MOST > min(map(abs, amounts)):
        return None
    frequency, step = rhythm
    first, last = rows[0], rows[-1]
    is_active = (today - days[-1]).days <= step * _LATE_SHARE
    status = "MATURE" if len(rows) >= _MATURE_OF else "EARLY_DETECTION"
    category = last["personal_finance_category"]
    return {
        "account_id": last["account_id"],
        "stream_id": derived_id(last["account_id"], payee, amounts[-1] < 0),
        "category": None,
        "category_id": None,
        "description": last["name"],
        "merchant_name": last["merchant_name"],
        "first_date": first["date"],
        "last_date": last["date"],
        "predicted_next_date": (days[-1] + timedelta(days=step)).isoformat() if is_active else None,
        "frequency": frequency,
        "transaction_ids": [row["transaction_id"] for row in rows],
        "average_amount": _amount(last, sum(amounts, Decimal(0)) / len(amounts)),
        "last_amount": _amount(last, amounts[-1]),
        "is_active": is_active,
        "status": status if is_active else "TOMBSTONED",
        "is_user_modified": False,
        "personal_finance_category": None
        if category is None
        else {**category, "primary": primary_of(category["detailed"])},
    }


def _rhythm(gaps: list[int]) -> tuple[str, int] | None:
    """Return frequency and step in days if the gaps between rows are of one kind, most of them at least."""
    if len(gaps) < _EARLY_OF - 1:
        return None
    middle = statistics.median(gaps)
    for frequency, least, most, step in _RHYTHMS:
        if least <= middle <= most and sum(1 for gap in gaps if least <= gap <= most) >= 0.75 * len(gaps):
            return frequency, step
    return None


def _amount(row: Row, amount: Decimal) -> dict[str, Any]:
    return {
        "amount": float(round(amount, 2)),
        "iso_currency_code": row["iso_currency_code"],
        "unofficial_currency_code": row["unofficial_currency_code"],
    }
