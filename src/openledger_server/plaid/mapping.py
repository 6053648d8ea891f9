"""Plaid's JSON to our facts. Here, and only here, Plaid's sign is turned: theirs is positive for money out."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson

from openledger_server.banking.audits.types import AuditedRow
from openledger_server.banking.types import (
    BankAccountFact,
    BankTransactionFact,
    ExchangedToken,
    ItemHealth,
    LinkToken,
    ReportedBalance,
    TransactionPage,
    UpdateStatus,
)

_UPDATE_STATUS = {
    "NOT_READY": UpdateStatus.NOT_READY,
    "INITIAL_UPDATE_COMPLETE": UpdateStatus.INITIAL,
    "HISTORICAL_UPDATE_COMPLETE": UpdateStatus.HISTORICAL,
}
_NO_CURRENCY = "XXX"
_NUL = b"\\u0000"
Json = Mapping[str, Any]


def transaction_page(body: Json) -> TransactionPage:
    """Return one answer of /transactions/sync in our words.

    Raises:
        KeyError, TypeError, ValueError: if a required field is missing or of another kind; the caller translates.

    Source: plaid.com/docs/api/products/transactions/#transactionssync.
    """
    return TransactionPage(
        upserted=tuple(bank_transaction(row) for rows in (body["added"], body["modified"]) for row in rows),
        removed=tuple(row["transaction_id"] for row in body["removed"]),
        bank_accounts=tuple(bank_account(row) for row in body["accounts"]),
        next_cursor=body["next_cursor"],
        has_more=body["has_more"],
        update_status=_UPDATE_STATUS.get(body.get("transactions_update_status", ""), UpdateStatus.UNKNOWN),
    )


def next_cursor(body: Json) -> str | None:
    """Return where the page after this one begins, or None for the last page of a loop."""
    return body["next_cursor"] if body["has_more"] else None


def bank_transaction(row: Json) -> BankTransactionFact:
    """Return one of Plaid's transactions as a fact; dates stay calendar dates without a zone."""
    raw = orjson.dumps(row)
    if _NUL in raw:
        # PostgreSQL holds no NUL, neither in text nor in jsonb.
        row = _without_nul(row)
        raw = orjson.dumps(row)
    category = row.get("personal_finance_category") or {}
    authorized = row.get("authorized_date")
    return BankTransactionFact(
        provider_transaction_id=row["transaction_id"],
        provider_account_id=row["account_id"],
        pending_provider_id=row.get("pending_transaction_id"),
        amount=-exact(row["amount"]),
        currency=currency_of(row),
        dated=date.fromisoformat(row["date"]),
        authorized_on=date.fromisoformat(authorized) if authorized else None,
        is_pending=row["pending"],
        description=row.get("original_description") or row.get("name") or "",
        merchant_name=row.get("merchant_name"),
        merchant_entity_id=row.get("merchant_entity_id"),
        payment_channel=row.get("payment_channel"),
        provider_category=category.get("detailed"),
        provider_category_version=category.get("version"),
        provider_confidence=category.get("confidence_level"),
        check_number=row.get("check_number"),
        raw=raw,
    )


def audited_rows(body: Json) -> tuple[list[AuditedRow], int]:
    """Return the rows of one answer of /transactions/get, and how many there are in all.

    Source: plaid.com/docs/api/products/transactions/#transactionsget.
    """
    return [_audited_row(row) for row in body["transactions"]], body["total_transactions"]


def _audited_row(row: Json) -> AuditedRow:
    return AuditedRow(
        provider_transaction_id=row["transaction_id"],
        provider_account_id=row["account_id"],
        dated=date.fromisoformat(row["date"]),
        amount=-exact(row["amount"]),
        currency=currency_of(row),
        is_pending=row["pending"],
    )


def link_token(body: Json) -> LinkToken:
    """Return an answer of /link/token/create in our words."""
    return LinkToken(
        link_token=body["link_token"],
        expires_at=datetime.fromisoformat(body["expiration"]),
        request_id=body["request_id"],
    )


def exchanged_token(body: Json) -> ExchangedToken:
    """Return an answer of /item/public_token/exchange in our words."""
    return ExchangedToken(access_token=body["access_token"], provider_item_id=body["item_id"])


def item_ids(body: Json) -> tuple[str, str | None]:
    """Return the item's and its institution's id from an answer of /item/get."""
    return body["item"]["item_id"], body["item"].get("institution_id")


def notice_url(body: Json) -> str | None:
    """Return the address that the item's webhooks go to from an answer of /item/get."""
    url: str | None = body["item"].get("webhook")
    return url or None


def institution_name(body: Json) -> str:
    """Return the name from an answer of /institutions/get_by_id."""
    name: str = body["institution"]["name"]
    return name


def item_health(body: Json) -> ItemHealth:
    """Return what an answer of /item/get says of the provider's own last contact with the bank."""
    status = (body.get("status") or {}).get("transactions") or {}
    return ItemHealth(
        last_success_at=instant(status.get("last_successful_update")),
        last_failure_at=instant(status.get("last_failed_update")),
        consent_expires_at=instant(body["item"].get("consent_expiration_time")),
    )


def instant(text: str | None) -> datetime | None:
    """Return an ISO 8601 instant as an aware one; without a zone it is UTC."""
    if text is None:
        return None
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def new_access_token(body: Json) -> str:
    """Return the token from an answer of /item/access_token/invalidate."""
    token: str = body["new_access_token"]
    return token


def public_token(body: Json) -> str:
    """Return the token from an answer of /sandbox/public_token/create."""
    token: str = body["public_token"]
    return token


def bank_accounts(body: Json) -> tuple[BankAccountFact, ...]:
    """Return the bank accounts of an answer of /accounts/get."""
    return tuple(bank_account(row) for row in body["accounts"])


def bank_account(row: Json) -> BankAccountFact:
    """Return one of Plaid's accounts as a fact; balances keep the bank's sign."""
    balances = row["balances"]
    return BankAccountFact(
        provider_account_id=row["account_id"],
        name=row["name"],
        official_name=row.get("official_name"),
        mask=row.get("mask"),
        type=row["type"],
        subtype=row.get("subtype"),
        currency=currency_of(balances),
        reported_balance=ReportedBalance(
            current=_exact_or_none(balances.get("current")),
            available=_exact_or_none(balances.get("available")),
            limit=_exact_or_none(balances.get("limit")),
        ),
        persistent_account_id=row.get("persistent_account_id"),
    )


def currency_of(row: Json) -> str:
    """Return the ISO code, else the unofficial one, else XXX; never an assumed dollar."""
    return row.get("iso_currency_code") or row.get("unofficial_currency_code") or _NO_CURRENCY


def exact(number: float) -> Decimal:
    """Return the decimal that was written in the JSON; `repr` gives the shortest digits: 72.1, never 72.0999."""
    return Decimal(repr(number))


def _exact_or_none(number: float | None) -> Decimal | None:
    return None if number is None else exact(number)


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_nul(inner) for inner in value]
    return value
