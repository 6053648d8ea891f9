"""`/item/*`: from public token to access token, and the end of an item."""

from datetime import datetime, timedelta

from plaid_sandbox import items, webhooks
from plaid_sandbox.call import Answer, Call
from plaid_sandbox.errors import PlaidError
from plaid_sandbox.ids import token
from plaid_sandbox.item import save

_PUBLIC_TOKEN_LIFETIME = timedelta(minutes=30)


def exchange(call: Call) -> Answer:
    """Turn a public token, once, into the item's access token."""
    store = call.sandbox.store
    public_token = call.body["public_token"]
    document = store.document("public_token", public_token)
    if document is None or document["is_used"]:
        raise PlaidError("INVALID_PUBLIC_TOKEN")
    age = call.sandbox.clock.now() - datetime.fromisoformat(document["created_at"])
    item = items.item_by_id(call.sandbox, document["item_id"])
    if age > _PUBLIC_TOKEN_LIFETIME or item is None or item.is_removed:
        raise PlaidError("INVALID_PUBLIC_TOKEN")
    store.put_document("public_token", public_token, {**document, "is_used": True})
    return {"access_token": item.access_token, "item_id": item.item_id}


def get(call: Call) -> Answer:
    """Describe an item and its health; an item in error answers 200 here."""
    item = items.item_of_token(call.sandbox, call.access_token)
    return {"item": items.item_object(item), "status": items.item_status(item)}


def remove(call: Call) -> Answer:
    """End an item: its access token stops working."""
    item = items.item_of_token(call.sandbox, call.access_token)
    item.is_removed = True
    save(call.sandbox, item)
    return {}


def update_webhook(call: Call) -> Answer:
    """Set the address that the item's webhooks go to, which is told so at once; null clears it."""
    item = items.item_of_token(call.sandbox, call.access_token)
    item.webhook = call.body.get("webhook")
    save(call.sandbox, item)
    webhooks.send(call.sandbox, item, "ITEM", "WEBHOOK_UPDATE_ACKNOWLEDGED", error=None, new_webhook_url=item.webhook)
    return {"item": items.item_object(item)}


def invalidate_token(call: Call) -> Answer:
    """Replace the item's access token; the old one is dead at once."""
    item = items.item_of_token(call.sandbox, call.access_token)
    item.access_token = token("access")
    save(call.sandbox, item)
    return {"new_access_token": item.access_token}
