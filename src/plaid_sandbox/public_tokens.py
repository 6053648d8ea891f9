"""Public tokens: what Link hands to the browser when an item is there."""

from plaid_sandbox.ids import token
from plaid_sandbox.sandbox import Sandbox


def issue(sandbox: Sandbox, *, item_id: str) -> str:
    """Return a new public token for an item; it can be exchanged once within 30 minutes."""
    public_token = token("public")
    document = {"item_id": item_id, "created_at": sandbox.clock.now().isoformat(), "is_used": False}
    sandbox.store.put_document("public_token", public_token, document)
    return public_token
