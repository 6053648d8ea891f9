"""`/transactions/refresh`: what asking the bank for news brings."""

import random
from decimal import Decimal
from typing import Any

from plaid_sandbox import changes, growth, webhooks
from plaid_sandbox.errors import PlaidError
from plaid_sandbox.histories.dynamic import DYNAMIC_USER, NEW_PENDING
from plaid_sandbox.item import Item, save
from plaid_sandbox.sandbox import Sandbox

_CHANGED_BY = Decimal(1)
_NEW_ROWS = (1, 3)


def refresh(sandbox: Sandbox, item: Item) -> None:
    """Fetch news for an item, as one bank update.

    Raises:
        PlaidError: `INSTITUTION_NOT_RESPONDING` from a bank that is degraded.
    """
    if item.bank_health == "DEGRADED":
        item.last_failed_at = sandbox.clock.now()
        save(sandbox, item)
        raise PlaidError("INSTITUTION_NOT_RESPONDING")
    webhooks.history_published(sandbox, item)
    item.refreshes += 1
    item.last_update_at = sandbox.clock.now()
    save(sandbox, item)
    webhooks.bank_update(sandbox, item, growth.grow(sandbox, item))
    if item.username == DYNAMIC_USER:
        changes.apply(sandbox, item, _dynamic_update(sandbox, item))


def _dynamic_update(sandbox: Sandbox, item: Item) -> list[dict[str, Any]]:
    """Return one update of `user_transactions_dynamic`: all pending rows settle, new ones come, one posted row changes.

    Source: Plaid's page of test users.
    """
    draw = random.Random(f"{sandbox.config.history_seed}/refresh/{item.refreshes}")
    selected = [a for a in sandbox.store.bank_accounts(item.ordinal) if a.is_selected]
    live = [row for one in selected for row in sandbox.store.live_rows(item.ordinal, one.account_id)]
    update: list[dict[str, Any]] = [
        {"op": "settle", "transaction_id": row.transaction_id} for row in live if row.is_pending
    ]
    posted = sorted(row.transaction_id for row in live if not row.is_pending)
    if posted:
        chosen = draw.choice(posted)
        amount = next(row.amount for row in live if row.transaction_id == chosen) + _CHANGED_BY
        update.append({"op": "modify", "transaction_id": chosen, "amount": str(amount)})
    for _ in range(draw.randint(*_NEW_ROWS)):
        details, cents = draw.choice(NEW_PENDING), draw.randint(450, 9_900)
        update.append(
            {
                "op": "add",
                "account_id": draw.choice(selected).account_id,
                "amount": str(Decimal(cents).scaleb(-2)),
                "date": sandbox.clock.today().isoformat(),
                "name": details.name,
                "merchant_name": details.merchant_name,
                "category": details.category,
                "confidence": details.confidence,
                "pending": True,
            }
        )
    return update
