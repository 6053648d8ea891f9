"""`/webhook_verification_key/get`: the public keys that prove a webhook."""

from plaid_sandbox import webhook_keys
from plaid_sandbox.call import Answer, Call


def get(call: Call) -> Answer:
    """Return a key by its id; one that is no longer used has an `expired_at`."""
    return {"key": webhook_keys.published(call.sandbox.store, call.body["key_id"]).wire()}
