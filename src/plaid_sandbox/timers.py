"""What the clock brings about by itself: histories are published, new days arrive, logins and consents run out."""

from datetime import datetime

from plaid_sandbox import growth, webhooks
from plaid_sandbox.item import WARNING_AHEAD, Item, from_body, save
from plaid_sandbox.sandbox import Sandbox

_ROUNDS_MOST = 10


def tick(sandbox: Sandbox) -> float | None:
    """Do all that has become due, and return when the next thing will be, in seconds since 1970."""
    now = sandbox.clock.now()
    for _ in range(_ROUNDS_MOST):
        due = sandbox.store.due_items(now.timestamp())
        if not due:
            break
        for body in due:
            _tick_item(sandbox, from_body(body), now)
    return sandbox.store.next_item_due_at()


def _tick_item(sandbox: Sandbox, item: Item, now: datetime) -> None:
    webhooks.history_published(sandbox, item)
    webhooks.bank_update(sandbox, item, growth.grow(sandbox, item))
    if item.error_code is None:
        _warn(sandbox, item, now)
        _expire(sandbox, item, now)
    save(sandbox, item)


def _warn(sandbox: Sandbox, item: Item, now: datetime) -> None:
    if item.consent_expires_at is None or item.is_consent_warned:
        return
    if now >= item.consent_expires_at - WARNING_AHEAD:
        item.is_consent_warned = True
        webhooks.pending_expiration(sandbox, item)


def _expire(sandbox: Sandbox, item: Item, now: datetime) -> None:
    """Put the item into `ITEM_LOGIN_REQUIRED` once its login, consent or connection has run out."""
    ends = {
        None: item.login_expires_at,
        "OAUTH_CONSENT_EXPIRED": item.consent_expires_at,
        "OAUTH_INVALID_TOKEN": item.disconnect_at,
    }
    for reason, instant in ends.items():
        if instant is not None and now >= instant:
            item.error_code, item.error_code_reason = "ITEM_LOGIN_REQUIRED", reason
            webhooks.item_error(sandbox, item)
            return
