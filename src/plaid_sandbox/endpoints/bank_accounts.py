"""`/accounts/*`: bank accounts and their balances."""

from plaid_sandbox import items
from plaid_sandbox.call import Answer, Call


def get(call: Call) -> Answer:
    """List the item's open and selected bank accounts, with balances that fit its bank transactions."""
    item = items.healthy_item(call.sandbox, call.access_token)
    only = call.options.get("account_ids")
    return {"accounts": items.account_objects(call.sandbox, item, only), "item": items.item_object(item)}
