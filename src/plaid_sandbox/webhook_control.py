"""Control endpoints of webhooks: the delivery log, faults, forgeries, keys."""

import random
from datetime import UTC, datetime
from typing import Any

from plaid_sandbox import webhook_keys, webhooks
from plaid_sandbox.clock import iso
from plaid_sandbox.errors import PlaidError
from plaid_sandbox.fields import Choice, Fields, Flag, Number, Text, Whole, check, needed, nullable, optional
from plaid_sandbox.item import Item
from plaid_sandbox.sandbox import Sandbox
from plaid_sandbox.webhook_faults import WebhookFault
from plaid_sandbox.webhook_store import Message

_TEXT = Text()
_ANY_OBJECT = Fields({}, is_open=True)
FORGERY = Fields(
    {
        "signature": optional(Choice(frozenset({"none", "garbage"}))),
        "algorithm": optional(Choice(frozenset({"none", "HS256", "ES256"}))),
        "key": optional(Choice(frozenset({"foreign", "unknown", "expired"}))),
        "iat_shift_s": optional(Number()),
        "body": optional(Choice(frozenset({"byte", "whitespace"}))),
    }
)
FAULT = Fields(
    {
        "fate": needed(Choice(frozenset({"drop", "duplicate", "hold"}))),
        "times": optional(Whole(-1, 1_000_000)),
        "copies": optional(Whole(1, 1_000)),
        "item_id": nullable(_TEXT),
        "webhook_code": nullable(_TEXT),
    }
)
SEND = Fields(
    {
        "webhook_type": needed(_TEXT),
        "webhook_code": needed(_TEXT),
        "extra": optional(_ANY_OBJECT),
        "forgery": optional(FORGERY),
        "url": optional(_TEXT),
    }
)
RELEASE = Fields({"order": optional(Choice(frozenset({"as_is", "reverse", "shuffle"})))})
ROTATE = Fields({"expire_in_s": optional(Number())})
RESEND = Fields({"same_signature": optional(Flag())})


def list_webhooks(sandbox: Sandbox, *, after: int, item_id: str | None) -> dict[str, Any]:
    """Return the delivery log: every message numbered above `after`, with its attempts."""
    return {"webhooks": [_shown(sandbox, one) for one in sandbox.store.webhooks.listed(after=after, item_id=item_id)]}


def _shown(sandbox: Sandbox, message: Message) -> dict[str, Any]:
    attempts = sandbox.store.webhooks.attempts(message.webhook_id)
    return {
        "webhook_id": message.webhook_id,
        "item_id": message.item_id,
        "url": message.url,
        "webhook_type": message.webhook_type,
        "webhook_code": message.webhook_code,
        "body": message.body.decode(),
        "forgery": message.forgery,
        "state": message.state,
        "note": message.note,
        "created_at": _instant(message.created_at),
        "due_at": _instant(message.due_at) if message.state == "waiting" else None,
        "attempts": [
            {
                "at": _instant(attempt.at),
                "status": attempt.status,
                "error": attempt.error,
                "key_id": attempt.key_id,
                "signature": attempt.signature,
                "duration_s": attempt.duration_s,
            }
            for attempt in attempts
        ],
    }


def _instant(seconds: float) -> str:
    return iso(datetime.fromtimestamp(seconds, UTC))


def clear_log(sandbox: Sandbox) -> dict[str, Any]:
    """Forget what has been delivered, given up or dropped."""
    sandbox.store.webhooks.clear_log()
    return {}


def add_fault(sandbox: Sandbox, body: dict[str, Any]) -> dict[str, Any]:
    """Drop, double or hold back the next messages."""
    check(FAULT, body)
    return {"fault_id": sandbox.webhook_faults.add(WebhookFault(**body)).fault_id}


def list_faults(sandbox: Sandbox) -> dict[str, Any]:
    """Return the webhook faults that can still strike."""
    return {
        "faults": [
            {"fault_id": fault.fault_id, "fate": fault.fate, "times": fault.times}
            for fault in sandbox.webhook_faults.all()
        ]
    }


def clear_faults(sandbox: Sandbox) -> dict[str, Any]:
    """Switch all webhook faults off; what is held stays held until it is released."""
    sandbox.webhook_faults.clear()
    return {}


def release(sandbox: Sandbox, body: dict[str, Any]) -> dict[str, Any]:
    """Send what was held back, in the order it came, backwards, or shuffled by the seed."""
    check(RELEASE, body)
    held = sandbox.store.webhooks.held()
    order = body.get("order", "as_is")
    if order == "reverse":
        held.reverse()
    elif order == "shuffle":
        random.Random(f"{sandbox.config.history_seed}/{[one.webhook_id for one in held]}").shuffle(held)
    now = sandbox.clock.now().timestamp()
    for place, message in enumerate(held):
        # A microsecond apart, so that they go out in this order.
        due_at = now - 1e-3 + place * 1e-6
        sandbox.store.webhooks.put_state(message.webhook_id, "waiting", due_at=due_at)
    sandbox.wake.set()
    return {"released": [message.webhook_id for message in held]}


def rotate(sandbox: Sandbox, body: dict[str, Any]) -> dict[str, Any]:
    """Let another key sign from now on; the former expires at once or after some real seconds."""
    check(ROTATE, body)
    key = webhook_keys.rotate(sandbox.store, expire_in_s=float(body.get("expire_in_s", 0)))
    return {"key_id": key.key_id}


def send_any(sandbox: Sandbox, item: Item, body: dict[str, Any]) -> dict[str, Any]:
    """Send any message for an item, known to Plaid or not, honest or forged."""
    check(SEND, body)
    url = body.get("url") or item.webhook
    if url is None:
        raise PlaidError("SANDBOX_WEBHOOK_INVALID")
    payload = {
        "environment": "sandbox",
        "item_id": item.item_id,
        "webhook_code": body["webhook_code"],
        "webhook_type": body["webhook_type"],
        **body.get("extra", {}),
    }
    number = webhooks.queue(sandbox, url=url, item_id=item.item_id, payload=payload, forgery=body.get("forgery", {}))
    return {"webhook_id": number}


def resend(sandbox: Sandbox, webhook_id: int, body: dict[str, Any]) -> dict[str, Any]:
    """Send a message of the log again, signed anew or with the very signature of its last attempt (a replay)."""
    check(RESEND, body)
    message = sandbox.store.webhooks.message(webhook_id)
    if message is None:
        raise PlaidError("NOT_FOUND", f"no webhook {webhook_id}")
    forgery = dict(message.forgery)
    attempts = sandbox.store.webhooks.attempts(webhook_id)
    if body.get("same_signature", False) and attempts:
        forgery["replay"] = attempts[-1].signature
    number = sandbox.store.webhooks.add(
        item_id=message.item_id,
        url=message.url,
        payload={"webhook_type": message.webhook_type, "webhook_code": message.webhook_code},
        body=message.body,
        forgery=forgery,
        at=sandbox.clock.now().timestamp(),
        state="waiting",
    )
    sandbox.wake.set()
    return {"webhook_id": number}
