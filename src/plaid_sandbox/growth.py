"""Growth: what the days since the last look have brought an item, appended to its change log."""

from datetime import date

from plaid_sandbox import item_history
from plaid_sandbox.item import Item, save
from plaid_sandbox.items import planned_accounts
from plaid_sandbox.sandbox import Sandbox
from plaid_sandbox.store import NewChange


def grow(sandbox: Sandbox, item: Item) -> list[NewChange]:
    """Append all that has happened at the bank up to today, as one bank update, and return it.

    Nothing happens for a history that does not grow, or while the bank cannot be reached: then the next update that
    gets through brings the missed time as well.
    """
    last = _reachable_until(item, sandbox.clock.today())
    if item.grown_to is None or not item.is_reachable or item.grown_to >= last.isoformat():
        return []
    with sandbox.store.transaction():
        changes = _news(sandbox, item, last)
        item.grown_to = last.isoformat()
        item.last_update_at = sandbox.clock.now()
        if changes:
            item_history.append(sandbox, item, changes)
        else:
            save(sandbox, item)
    return changes


def _reachable_until(item: Item, today: date) -> date:
    """Return the last day whose news gets through: after a jump of the clock the login may have run out on the way."""
    ends = [item.login_expires_at, item.consent_expires_at, item.disconnect_at]
    return min([today, *(end.date() for end in ends if end is not None)])


def _news(sandbox: Sandbox, item: Item, last_day: date) -> list[NewChange]:
    bank_accounts = sandbox.store.bank_accounts(item.ordinal)
    account_ids = {one.account_key: one.account_id for one in bank_accounts}
    planned = planned_accounts(item)
    after = date.fromisoformat(item.grown_to or "")
    changes: list[NewChange] = []
    fresh: dict[str, NewChange] = {}
    for row, event in item_history.events_between(sandbox, item, bank_accounts, after=after, last=last_day):
        if event.gone is not None:
            gone_id = item_history.planned_id(item, row, event.gone)
            last = fresh.get(gone_id) or sandbox.store.last_change(item.ordinal, gone_id)
            # A row that a test has removed by hand cannot go twice.
            if last is not None and last.kind == "upsert":
                fresh[gone_id] = item_history.removal_of(last)
                changes.append(fresh[gone_id])
        if event.put is not None:
            change = item_history.change_to(
                item,
                row,
                event.put,
                account_id=account_ids[row.account_key],
                currency=planned[row.account_key].currency,
            )
            fresh[change.transaction_id] = change
            changes.append(change)
    return changes
