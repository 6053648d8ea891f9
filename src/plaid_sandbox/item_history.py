"""The history of an item: drawn when Transactions is put on it, published bit by bit, changed later.

The change log only grows. What of it a client may see is its published part, which follows the clock.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from plaid_sandbox.histories.plan import History, HistoryOrder, PlannedRow
from plaid_sandbox.ids import derived_id, token
from plaid_sandbox.items import Item, account_id_of, balance_sign, planned_accounts, profile_of, save
from plaid_sandbox.sandbox import Sandbox
from plaid_sandbox.store import BankAccount, NewChange
from plaid_sandbox.wire_rows import complete_row, encoded, row_template

DAYS_DEFAULT = 90
INITIAL_DAYS = 30


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
        products=sorted(set(products) - {"balance", "transactions"}),
        webhook=webhook,
        created_at=now,
    )
    bank_accounts = _new_bank_accounts(item, None if account_ids is None else set(account_ids))
    with_transactions = "transactions" in products
    if not with_transactions:
        _fill_balances(item, bank_accounts, _history(sandbox, item), [], today=now.date())
    with sandbox.store.transaction():
        sandbox.store.put_bank_accounts(ordinal, bank_accounts)
        save(sandbox, item)
    if with_transactions:
        begin_transactions(sandbox, item, days_requested=days_requested)
    return item


def _new_bank_accounts(item: Item, chosen: set[str] | None) -> list[BankAccount]:
    zero = Decimal(0)
    listed = []
    for planned in profile_of(item).accounts:
        account_id = account_id_of(item.item_id, planned.key)
        listed.append(
            BankAccount(
                account_id=account_id,
                account_key=planned.key,
                opening=zero,
                posted=zero,
                pending=zero,
                is_selected=chosen is None or account_id in chosen,
            )
        )
    return listed


def begin_transactions(sandbox: Sandbox, item: Item, *, days_requested: int | None) -> None:
    """Put the Transactions product on the item: draw its history and set when it is published."""
    now = sandbox.clock.now()
    item.days_requested = days_requested or DAYS_DEFAULT
    item.products = sorted({*item.products, "transactions"})
    item.initial_at = now + timedelta(seconds=sandbox.config.initial_delay_s)
    item.historical_at = now + timedelta(seconds=sandbox.config.historical_delay_s)
    item.last_update_at = now
    history = _history(sandbox, item)
    bank_accounts = sandbox.store.bank_accounts(item.ordinal)
    today = sandbox.clock.today()
    rows = _wanted_rows(history, bank_accounts, since=today - timedelta(days=item.days_requested))
    recent_from = today - timedelta(days=INITIAL_DAYS)
    recent = [row for row in rows if row.posted_on >= recent_from]
    older = [row for row in rows if row.posted_on < recent_from]
    _fill_balances(item, bank_accounts, history, rows, today=today)
    with sandbox.store.transaction():
        store = sandbox.store
        item.initial_position = store.append_new_rows(item.ordinal, _new_changes(item, recent, today), after=0)
        item.head = store.append_new_rows(item.ordinal, _new_changes(item, older, today), after=item.initial_position)
        store.put_bank_accounts(item.ordinal, bank_accounts)
        save(sandbox, item)


def _history(sandbox: Sandbox, item: Item) -> History:
    today = sandbox.clock.today()
    days = item.days_requested or DAYS_DEFAULT
    order = HistoryOrder(
        seed=sandbox.config.history_seed, username=item.username, today=today, since=today - timedelta(days=days)
    )
    return profile_of(item).build(order)


def _wanted_rows(history: History, bank_accounts: list[BankAccount], *, since: date) -> list[PlannedRow]:
    selected = {bank_account.account_key for bank_account in bank_accounts if bank_account.is_selected}
    return [row for row in history.rows if row.posted_on >= since and row.account_key in selected]


def _fill_balances(
    item: Item, bank_accounts: list[BankAccount], history: History, rows: list[PlannedRow], *, today: date
) -> None:
    planned = planned_accounts(item)
    by_key = {bank_account.account_key: bank_account for bank_account in bank_accounts}
    for row in rows:
        bank_account = by_key[row.account_key]
        if row.posted_on > today:
            bank_account.pending += row.amount
        else:
            bank_account.posted += row.amount
    for bank_account in bank_accounts:
        sign = balance_sign(planned[bank_account.account_key])
        bank_account.opening = history.current[bank_account.account_key] - sign * bank_account.posted


def _new_changes(item: Item, rows: list[PlannedRow], today: date) -> Iterator[NewChange]:
    planned = planned_accounts(item)
    account_ids = {key: account_id_of(item.item_id, key) for key in planned}
    for row in sorted(rows, key=_by_day):
        currency = planned[row.account_key].currency
        yield planned_change(item, row, account_id=account_ids[row.account_key], currency=currency, today=today)


def _by_day(row: PlannedRow) -> tuple[date, date]:
    return row.posted_on, row.occurred_on


def planned_change(
    item: Item,
    row: PlannedRow,
    *,
    account_id: str,
    currency: str,
    today: date,
    pending_transaction_id: str | None = None,
) -> NewChange:
    """Return the change that brings a planned row, pending if it posts after today."""
    is_pending = row.posted_on > today
    transaction_id = planned_id(item, row, is_pending=is_pending)
    wire = complete_row(
        row_template(row.details, account_id, currency),
        transaction_id=transaction_id,
        amount=row.amount,
        occurred_on=row.occurred_on,
        posted_on=None if is_pending else row.posted_on,
        pending_transaction_id=pending_transaction_id,
    )
    return NewChange(
        kind="upsert",
        transaction_id=transaction_id,
        account_id=account_id,
        dated=wire["date"],
        amount=row.amount,
        is_pending=is_pending,
        row=encoded(wire),
    )


def planned_id(item: Item, row: PlannedRow, *, is_pending: bool) -> str:
    """Return the id of a planned row; it differs before and after posting."""
    return derived_id(item.item_id, row.account_key, row.key, "pending" if is_pending else "posted")


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
        if last is not None and last.kind == "upsert":
            _move(by_id[last.account_id], -last.amount, is_pending=last.is_pending)
        if change.kind == "upsert":
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


def select_bank_accounts(sandbox: Sandbox, item: Item, account_ids: set[str]) -> None:
    """Change which bank accounts the item shows; the history of a newly chosen one arrives as new rows.

    Rows of one that is no longer chosen are not served any more, nor are they announced as removed.
    """
    bank_accounts = sandbox.store.bank_accounts(item.ordinal)
    added_keys = {a.account_key for a in bank_accounts if a.account_id in account_ids and not a.is_selected}
    for bank_account in bank_accounts:
        bank_account.is_selected = bank_account.account_id in account_ids
    with sandbox.store.transaction():
        sandbox.store.put_bank_accounts(item.ordinal, bank_accounts)
        if item.days_requested is not None and added_keys:
            _bring_history(sandbox, item, added_keys)


def _bring_history(sandbox: Sandbox, item: Item, account_keys: set[str]) -> None:
    today = sandbox.clock.today()
    since = today - timedelta(days=item.days_requested or DAYS_DEFAULT)
    bank_accounts = sandbox.store.bank_accounts(item.ordinal)
    rows = _wanted_rows(_history(sandbox, item), bank_accounts, since=since)
    changes = _new_changes(item, [row for row in rows if row.account_key in account_keys], today)
    unseen = [c for c in changes if sandbox.store.last_change(item.ordinal, c.transaction_id) is None]
    for change in unseen:
        if not change.is_pending:
            _open_lower(bank_accounts, item, change)
    sandbox.store.put_bank_accounts(item.ordinal, bank_accounts)
    append(sandbox, item, unseen)


def _open_lower(bank_accounts: list[BankAccount], item: Item, change: NewChange) -> None:
    """Move a row's amount out of the opening balance, which counted it while the bank account was not chosen."""
    planned = planned_accounts(item)
    for bank_account in bank_accounts:
        if bank_account.account_id == change.account_id:
            bank_account.opening -= balance_sign(planned[bank_account.account_key]) * change.amount
