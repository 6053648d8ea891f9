"""The history of an item: drawn when Transactions is put on it, published bit by bit, changed later.

The change log only grows. What of it a client may see is its published part, which follows the clock.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from plaid_sandbox.histories import extra
from plaid_sandbox.histories.lives import LONGEST_LIFE, RowEvent, RowState, holds, life_of, plain_state, states_on
from plaid_sandbox.histories.plan import History, HistoryOrder, PlannedRow
from plaid_sandbox.ids import derived_id, token
from plaid_sandbox.institutions import BY_ID
from plaid_sandbox.item import Item, save
from plaid_sandbox.items import account_id_of, balance_sign, planned_accounts, profile_of
from plaid_sandbox.sandbox import Sandbox
from plaid_sandbox.store import BankAccount, NewChange, StoredChange
from plaid_sandbox.wire_rows import complete_row, encoded, row_template

DAYS_DEFAULT = 90
INITIAL_DAYS = 30
WEEK = timedelta(days=7)


def create_item(
    sandbox: Sandbox,
    *,
    ordinal: int,
    item_id: str,
    username: str,
    institution_id: str,
    products: Sequence[str],
    webhook: str | None,
    days_requested: int | None,
    account_ids: Iterable[str] | None = None,
    custom: str | None = None,
) -> Item:
    """Create an item with the chosen bank accounts, all of them if `account_ids` is `None`.

    If `transactions` is among the products, extraction of its history starts at once.
    """
    now = sandbox.clock.now()
    item = Item(
        ordinal=ordinal,
        item_id=item_id,
        access_token=token("access"),
        institution_id=institution_id,
        username=username,
        custom=custom,
        products=sorted(set(products) - {"balance", "transactions"}),
        webhook=webhook,
        created_at=now,
        login_expires_at=login_expiry(sandbox),
        bank_health=bank_health(sandbox, institution_id),
    )
    bank_accounts = _new_bank_accounts(item, None if account_ids is None else set(account_ids))
    with_transactions = "transactions" in products
    if not with_transactions:
        _open_balances(item, bank_accounts, _history(sandbox, item), [], today=now.date())
    with sandbox.store.transaction():
        sandbox.store.put_bank_accounts(ordinal, bank_accounts)
        save(sandbox, item)
    if with_transactions:
        begin_transactions(sandbox, item, days_requested=days_requested)
    return item


def login_expiry(sandbox: Sandbox) -> datetime | None:
    """Return when a login made now no longer works, as the settings say."""
    days = sandbox.settings.login_days
    return sandbox.clock.now() + timedelta(days=days) if days else None


def bank_health(sandbox: Sandbox, institution_id: str) -> str:
    """Return how a bank is: as a control endpoint said, else as always."""
    changed = sandbox.store.document("institution_health", institution_id)
    return BY_ID[institution_id].health if changed is None else str(changed["health"])


def _new_bank_accounts(item: Item, chosen: set[str] | None) -> list[BankAccount]:
    listed = []
    for planned in profile_of(item).accounts:
        account_id = account_id_of(item.item_id, planned.key)
        is_selected = chosen is None or account_id in chosen
        listed.append(empty_bank_account(planned.key, account_id, is_selected=is_selected))
    return listed


def empty_bank_account(account_key: str, account_id: str, *, is_selected: bool) -> BankAccount:
    """Return a bank account without rows or balance."""
    zero = Decimal(0)
    return BankAccount(
        account_id=account_id,
        account_key=account_key,
        opening=zero,
        posted=zero,
        pending=zero,
        is_selected=is_selected,
    )


def begin_transactions(sandbox: Sandbox, item: Item, *, days_requested: int | None) -> None:
    """Put the Transactions product on the item: draw its history and set when it is published."""
    now = sandbox.clock.now()
    item.days_requested = days_requested or DAYS_DEFAULT
    item.products = sorted({*item.products, "transactions"})
    item.initial_at = now + timedelta(
        seconds=min(sandbox.settings.initial_delay_s, sandbox.settings.historical_delay_s)
    )
    item.historical_at = now + timedelta(seconds=sandbox.settings.historical_delay_s)
    item.last_update_at = now
    history = _history(sandbox, item)
    bank_accounts = sandbox.store.bank_accounts(item.ordinal)
    today = sandbox.clock.today()
    rows = _wanted_rows(history, bank_accounts, since=today - timedelta(days=item.days_requested))
    item.grown_to = today.isoformat() if sandbox.settings.grows and profile_of(item).grows else None
    shown = list(_shown(sandbox, item, rows, bank_accounts, today))
    recent_from = today - timedelta(days=INITIAL_DAYS)
    recent = [one for one in shown if one[1].dated >= recent_from]
    older = [one for one in shown if one[1].dated < recent_from]
    _open_balances(item, bank_accounts, history, rows, today=today)
    _count(bank_accounts, shown)
    with sandbox.store.transaction():
        store = sandbox.store
        item.initial_position = store.append_new_rows(item.ordinal, _changes_of(item, bank_accounts, recent), after=0)
        item.head = store.append_new_rows(
            item.ordinal, _changes_of(item, bank_accounts, older), after=item.initial_position
        )
        store.put_bank_accounts(item.ordinal, bank_accounts)
        save(sandbox, item)


def _history(sandbox: Sandbox, item: Item) -> History:
    days = item.days_requested or DAYS_DEFAULT
    return history_since(sandbox, item, sandbox.clock.today() - timedelta(days=days))


def history_since(sandbox: Sandbox, item: Item, since: date) -> History:
    """Return what is planned for an item from a day to today, bank accounts opened after linking as well."""
    order = HistoryOrder(
        seed=sandbox.config.history_seed, username=item.username, today=sandbox.clock.today(), since=since
    )
    history = profile_of(item).build(order)
    if not item.extra_accounts:
        return history
    rows, current = list(history.rows), dict(history.current)
    for facts in item.extra_accounts:
        more, current[facts["key"]] = extra.build(order, facts["key"], Decimal(facts["balance"]))
        rows += more
    return History(rows=rows, current=current)


def _wanted_rows(history: History, bank_accounts: list[BankAccount], *, since: date) -> list[PlannedRow]:
    selected = {bank_account.account_key for bank_account in bank_accounts if bank_account.is_selected}
    return [row for row in history.rows if row.posted_on >= since and row.account_key in selected]


Shown = tuple[PlannedRow, RowState]


def _shown(
    sandbox: Sandbox, item: Item, rows: Iterable[PlannedRow], bank_accounts: list[BankAccount], today: date
) -> Iterator[Shown]:
    """Yield what the bank shows today of these rows, and the holds of today."""
    if item.grown_to is None:
        for row in rows:
            yield row, plain_state(row, today)
        return
    seed = sandbox.config.history_seed
    for row in rows:
        for state in states_on(life_of(row, seed=seed), today):
            yield row, state
    for row, events in _holds(sandbox, item, bank_accounts, first=today - LONGEST_LIFE, last=today):
        for state in states_on(events, today):
            yield row, state


def _holds(
    sandbox: Sandbox, item: Item, bank_accounts: list[BankAccount], *, first: date, last: date
) -> Iterator[tuple[PlannedRow, tuple[RowEvent, ...]]]:
    planned = planned_accounts(item)
    selected = [planned[one.account_key] for one in bank_accounts if one.is_selected]
    return holds(selected, seed=sandbox.config.history_seed, first=first, last=last)


def events_between(
    sandbox: Sandbox, item: Item, bank_accounts: list[BankAccount], *, after: date, last: date
) -> list[tuple[PlannedRow, RowEvent]]:
    """Return what happens to the rows of selected bank accounts after a day up to another, in order."""
    since = after - LONGEST_LIFE
    rows = _wanted_rows(history_since(sandbox, item, since), bank_accounts, since=since)
    seed = sandbox.config.history_seed
    lives = [(row, life_of(row, seed=seed)) for row in rows]
    lives += _holds(sandbox, item, bank_accounts, first=since, last=last)
    found = [(row, event) for row, events in lives for event in events if after < event.day <= last]
    return sorted(found, key=lambda one: (one[1].day, one[0].occurred_on, one[0].account_key, one[0].key))


def _open_balances(
    item: Item, bank_accounts: list[BankAccount], history: History, rows: list[PlannedRow], *, today: date
) -> None:
    """Set the openings so that they make the planned balance together with the planned posted rows."""
    planned = planned_accounts(item)
    settled = {bank_account.account_key: Decimal(0) for bank_account in bank_accounts}
    for row in rows:
        if row.posted_on <= today:
            settled[row.account_key] += row.amount
    for bank_account in bank_accounts:
        key = bank_account.account_key
        bank_account.opening = history.current[key] - balance_sign(planned[key]) * settled[key]


def _count(bank_accounts: list[BankAccount], shown: list[Shown]) -> None:
    by_key = {bank_account.account_key: bank_account for bank_account in bank_accounts}
    for row, state in shown:
        _move(by_key[row.account_key], state.amount, is_pending=state.is_pending)


def _changes_of(item: Item, bank_accounts: list[BankAccount], shown: list[Shown]) -> Iterator[NewChange]:
    account_ids = {bank_account.account_key: bank_account.account_id for bank_account in bank_accounts}
    currencies = {key: planned.currency for key, planned in planned_accounts(item).items()}
    for row, state in sorted(shown, key=_by_day):
        account_id, currency = account_ids[row.account_key], currencies[row.account_key]
        yield change_to(item, row, state, account_id=account_id, currency=currency)


def _by_day(shown: Shown) -> tuple[date, date]:
    return shown[0].posted_on, shown[0].occurred_on


def change_to(item: Item, row: PlannedRow, state: RowState, *, account_id: str, currency: str) -> NewChange:
    """Return the change that brings a planned row into a state."""
    transaction_id = planned_id(item, row, state.version)
    wire = complete_row(
        row_template(state.details, account_id, currency),
        transaction_id=transaction_id,
        amount=state.amount,
        occurred_on=state.occurred_on,
        posted_on=None if state.is_pending else state.dated,
        pending_transaction_id=None if state.follows is None else planned_id(item, row, state.follows),
    )
    return upsert_of(wire)


def upsert_of(wire: dict[str, Any]) -> NewChange:
    """Return the change that brings a row, given as Plaid's object."""
    return NewChange(
        kind="upsert",
        transaction_id=wire["transaction_id"],
        account_id=wire["account_id"],
        dated=wire["date"],
        amount=Decimal(str(wire["amount"])),
        is_pending=wire["pending"],
        row=encoded(wire),
    )


def removal_of(last: StoredChange | NewChange) -> NewChange:
    """Return the change that takes a row away, given the last change that brought it."""
    return NewChange(
        kind="remove",
        transaction_id=last.transaction_id,
        account_id=last.account_id,
        dated=str(last.row.decoded()["date"]),
        amount=last.amount,
        is_pending=last.is_pending,
        row=last.row,
    )


def planned_id(item: Item, row: PlannedRow, version: str) -> str:
    """Return the id of a version of a planned row; it changes when the bank gives the bank account new ids."""
    found = derived_id(item.item_id, row.account_key, row.key, version)
    for generation in range(1, item.generation(row.account_key) + 1):
        found = renumbered_id(found, generation)
    return found


def renumbered_id(former_id: str, generation: int) -> str:
    """Return the id that a row has after its bank account got new ids for the n-th time."""
    return derived_id(former_id, "generation", generation)


def published_head(sandbox: Sandbox, item: Item) -> int | None:
    """Return the last published position of the item's change log; `None` while nothing is ready."""
    now = sandbox.clock.now()
    if item.initial_at is None or item.historical_at is None or now < min(item.initial_at, item.historical_at):
        return None
    return item.head if now >= item.historical_at else item.initial_position


def update_status(sandbox: Sandbox, item: Item) -> str:
    """Return Plaid's `transactions_update_status`."""
    if published_head(sandbox, item) is None or item.historical_at is None:
        return "NOT_READY"
    is_complete = sandbox.clock.now() >= item.historical_at
    return "HISTORICAL_UPDATE_COMPLETE" if is_complete else "INITIAL_UPDATE_COMPLETE"


def append(sandbox: Sandbox, item: Item, changes: Sequence[NewChange]) -> None:
    """Append changes to the item's log and move the balances along. The caller holds a store transaction."""
    bank_accounts = sandbox.store.bank_accounts(item.ordinal)
    by_id = {bank_account.account_id: bank_account for bank_account in bank_accounts}
    for change in changes:
        last = sandbox.store.last_change(item.ordinal, change.transaction_id)
        # A bank account that has new ids by now keeps its rows in the log, but has no balance under the old ones.
        if last is not None and last.kind == "upsert" and last.account_id in by_id:
            _move(by_id[last.account_id], -last.amount, is_pending=last.is_pending)
        if change.kind == "upsert" and change.account_id in by_id:
            _move(by_id[change.account_id], change.amount, is_pending=change.is_pending)
        item.head = sandbox.store.append_changes(item.ordinal, [change], after=item.head)
    item.last_update_at = sandbox.clock.now()
    sandbox.store.put_bank_accounts(item.ordinal, bank_accounts)
    save(sandbox, item)


def _move(bank_account: BankAccount, amount: Decimal, *, is_pending: bool) -> None:
    if is_pending:
        bank_account.pending += amount
    else:
        bank_account.posted += amount


def select_bank_accounts(sandbox: Sandbox, item: Item, account_ids: set[str]) -> list[NewChange]:
    """Change which bank accounts the item shows, and return what of newly chosen ones was appended to the log.

    Rows of one that is no longer chosen are not served any more, nor are they announced as removed.
    """
    bank_accounts = sandbox.store.bank_accounts(item.ordinal)
    added = [a for a in bank_accounts if a.account_id in account_ids and not a.is_selected]
    for bank_account in bank_accounts:
        bank_account.is_selected = bank_account.account_id in account_ids
    changes: list[NewChange] = []
    with sandbox.store.transaction():
        sandbox.store.put_bank_accounts(item.ordinal, bank_accounts)
        if item.days_requested is not None:
            for bank_account in added:
                changes += _bring_history(sandbox, item, bank_account.account_key)
    return changes


def _bring_history(sandbox: Sandbox, item: Item, account_key: str) -> list[NewChange]:
    """Append what the log lacks of a bank account that has just been chosen, perhaps not for the first time."""
    today = sandbox.clock.today()
    since = today - timedelta(days=item.days_requested or DAYS_DEFAULT)
    everyone = sandbox.store.bank_accounts(item.ordinal)
    mine = [one for one in everyone if one.account_key == account_key]
    history = _history(sandbox, item)
    rows = _wanted_rows(history, mine, since=since)
    wanted = list(_changes_of(item, mine, list(_shown(sandbox, item, rows, mine, today))))
    former = [sandbox.store.last_change(item.ordinal, change.transaction_id) for change in wanted]
    missing = [change for change, last in zip(wanted, former, strict=True) if last is None]
    if len(missing) == len(wanted):
        _open_balances(item, mine, history, rows, today=today)
        sandbox.store.put_bank_accounts(item.ordinal, everyone)
    # What was pending when the bank account was dropped, and has moved on since.
    shown_ids = {change.transaction_id for change in wanted}
    stale = [
        removal_of(last)
        for last in sandbox.store.live_pending(item.ordinal, mine[0].account_id)
        if item.grown_to is not None and last.transaction_id not in shown_ids
    ]
    append(sandbox, item, [*stale, *missing])
    return [*stale, *missing]
