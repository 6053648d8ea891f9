"""Plaid's webhooks to our notices: which event each code is, and whether a sync should follow."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from openledger_server.banking.connection import event_of
from openledger_server.banking.feed import NoticeSignatureError
from openledger_server.banking.types import ItemEvent, ItemNotice
from openledger_server.plaid.errors import fault_of
from openledger_server.plaid.mapping import instant

_SYNCED_AFTER: Final = frozenset({ItemEvent.UPDATES_AVAILABLE, ItemEvent.REPAIRED})
# Source: plaid.com/docs/api/products/transactions/#webhooks and plaid.com/docs/api/items/#webhooks. Codes that ask for
# nothing (RECURRING_TRANSACTIONS_UPDATE, WEBHOOK_UPDATE_ACKNOWLEDGED, all of LINK) and unknown ones are not here.
_EVENTS: Final[Mapping[tuple[str, str], ItemEvent]] = {
    ("TRANSACTIONS", "SYNC_UPDATES_AVAILABLE"): ItemEvent.UPDATES_AVAILABLE,
    ("TRANSACTIONS", "INITIAL_UPDATE"): ItemEvent.UPDATES_AVAILABLE,
    ("TRANSACTIONS", "HISTORICAL_UPDATE"): ItemEvent.UPDATES_AVAILABLE,
    ("TRANSACTIONS", "DEFAULT_UPDATE"): ItemEvent.UPDATES_AVAILABLE,
    # Nothing is deleted because of this message; the sync that follows says what is gone.
    ("TRANSACTIONS", "TRANSACTIONS_REMOVED"): ItemEvent.UPDATES_AVAILABLE,
    ("ITEM", "LOGIN_REPAIRED"): ItemEvent.REPAIRED,
    ("ITEM", "PENDING_EXPIRATION"): ItemEvent.EXPIRES,
    ("ITEM", "PENDING_DISCONNECT"): ItemEvent.EXPIRES,
    ("ITEM", "NEW_ACCOUNTS_AVAILABLE"): ItemEvent.NEW_ACCOUNTS,
    ("ITEM", "USER_PERMISSION_REVOKED"): ItemEvent.REVOKED,
    ("ITEM", "USER_ACCOUNT_REVOKED"): ItemEvent.ACCOUNT_REVOKED,
}


def parsed(body: bytes) -> dict[str, Any]:
    """Return a proven webhook's body decoded.

    Raises:
        NoticeSignatureError: if it is not a JSON object; Plaid sends nothing else.
    """
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise NoticeSignatureError("The webhook's body is not JSON.") from exc
    if not isinstance(found, dict):
        raise NoticeSignatureError("The webhook's body is not a JSON object.")
    return found


def notice_of(body: Mapping[str, Any]) -> ItemNotice:
    """Return what one of Plaid's webhooks says; never fails, whatever is missing or new in it."""
    kind, code = str(body.get("webhook_type") or ""), str(body.get("webhook_code") or "")
    event, reason = _EVENTS.get((kind, code)), body.get("reason")
    error = body.get("error")
    if (kind, code) == ("ITEM", "ERROR") and isinstance(error, dict):
        reason = str(error.get("error_code") or "")
        event = event_of(fault_of(str(error.get("error_type") or ""), reason), provider_code=reason)
    return ItemNotice(
        provider_item_id=str(body.get("item_id") or ""),
        kind=kind,
        code=code,
        event=event,
        wants_sync=event in _SYNCED_AFTER,
        ends_at=_instant(body.get("consent_expiration_time") or body.get("disconnect_time")),
        reason=reason if isinstance(reason, str) else None,
        provider_account_id=str(body["account_id"]) if body.get("account_id") else None,
    )


def _instant(value: object) -> Any:
    try:
        return instant(value) if isinstance(value, str) else None
    except ValueError:
        return None
