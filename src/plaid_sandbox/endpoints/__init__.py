"""Plaid's endpoints, one module per resource; `ENDPOINTS` maps each path to its function."""

from collections.abc import Callable

from plaid_sandbox.call import Answer, Call
from plaid_sandbox.endpoints import (
    bank_accounts,
    bank_transactions,
    institutions,
    items,
    link_tokens,
    recurring,
    testing,
    webhook_keys,
)

ENDPOINTS: dict[str, Callable[[Call], Answer]] = {
    "/link/token/create": link_tokens.create,
    "/link/token/get": link_tokens.get,
    "/item/public_token/exchange": items.exchange,
    "/item/get": items.get,
    "/item/remove": items.remove,
    "/item/webhook/update": items.update_webhook,
    "/item/access_token/invalidate": items.invalidate_token,
    "/accounts/get": bank_accounts.get,
    "/accounts/balance/get": bank_accounts.get,
    "/transactions/sync": bank_transactions.sync,
    "/transactions/get": bank_transactions.get,
    "/transactions/refresh": bank_transactions.refresh,
    "/transactions/recurring/get": recurring.get,
    "/institutions/get": institutions.get,
    "/institutions/get_by_id": institutions.get_by_id,
    "/institutions/search": institutions.search,
    "/sandbox/public_token/create": testing.create_public_token,
    "/sandbox/item/reset_login": testing.reset_login,
    "/sandbox/item/fire_webhook": testing.fire_webhook,
    "/sandbox/transactions/create": testing.create_bank_transactions,
    "/webhook_verification_key/get": webhook_keys.get,
}
