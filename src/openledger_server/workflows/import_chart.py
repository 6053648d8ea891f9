"""Taking over a chart of accounts from a file."""

from dataclasses import dataclass, replace
from datetime import datetime

from openledger_server.base.db import WriteConnection
from openledger_server.base.ids import new_id
from openledger_server.ledger import store as ledger
from openledger_server.ledger.accounts import store
from openledger_server.ledger.accounts.interchange import ChartRow, imported
from openledger_server.ledger.accounts.types import AccountParentError, ChartFileError, check_parent
from openledger_server.ledger.types import LedgerAccount, LedgerAccountId
from openledger_server.workflows.add_category import SUBTYPES
from openledger_server.workflows.change_chart import check_archivable
from openledger_server.workflows.manual_entries import Desk, open_books
from openledger_server.workflows.services import Services


@dataclass(slots=True)
class Imported:
    """How many accounts a file added, changed (archived ones counted apart, too) and left as they were."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    archived: int = 0


async def import_chart(services: Services, text: str, *, desk: Desk) -> Imported:
    """Add the accounts of a CSV file and change those whose number is there; all of it or nothing.

    Accounts that the file does not name stay as they are. The same file again changes nothing.

    Raises:
        ChartFileError: if a row cannot be read, its type is another than its account's, or its parent does not fit.
        SystemAccountError, AccountHasBalanceError: if an account that the file archives is still needed.
    """
    rows = imported(text)
    async with open_books(services, desk) as conn:
        return await _take_over(conn, rows, desk=desk, now=services.now())


async def _take_over(conn: WriteConnection, rows: list[ChartRow], *, desk: Desk, now: datetime) -> Imported:
    chart = {account.code: account for account in await ledger.ledger_accounts(conn, entity_id=desk.entity_id)}
    known = chart.keys() & {row.code for row in rows}
    done = Imported(added=len(rows) - len(known))
    # Parents come after: a row may name one that stands below it in the file.
    for row in rows:
        if row.code not in known:
            chart[row.code] = _added(row, now=now)
            await ledger.add_ledger_account(conn, chart[row.code], entity_id=desk.entity_id)
        elif chart[row.code].type is not row.type:
            raise ChartFileError(f"Line {row.line}: number {row.code} is of type {chart[row.code].type.value} here.")
    for row in rows:
        before = chart[row.code]
        after = _after(before, row, chart)
        if row.is_archived and before.archived_at is None:
            await check_archivable(conn, before, entity_id=desk.entity_id)
            after, done.archived = replace(after, archived_at=now), done.archived + 1
        if after != before:
            chart[row.code] = replace(after, updated_at=now)
            await store.store_account(conn, chart[row.code], entity_id=desk.entity_id)
            done.changed += row.code in known
    done.unchanged = len(rows) - done.added - done.changed
    return done


def _added(row: ChartRow, *, now: datetime) -> LedgerAccount:
    return LedgerAccount(
        id=LedgerAccountId(new_id()),
        code=row.code,
        name=row.name,
        type=row.type,
        subtype=row.subtype or SUBTYPES[row.type],
        parent_id=None,
        system_role=None,
        currency=None,
        created_at=now,
        updated_at=now,
        description=row.description,
    )


def _after(before: LedgerAccount, row: ChartRow, chart: dict[int, LedgerAccount]) -> LedgerAccount:
    after = replace(
        before, name=row.name, subtype=row.subtype or before.subtype, description=row.description, parent_id=None
    )
    if row.parent_code is None:
        return after
    parent = chart.get(row.parent_code)
    if parent is None:
        raise ChartFileError(f"Line {row.line}: there is no account {row.parent_code} to be its parent.")
    try:
        check_parent(after, parent, {account.id: account for account in chart.values()})
    except AccountParentError as exc:
        raise ChartFileError(f"Line {row.line}: {exc.message}") from exc
    return replace(after, parent_id=parent.id)
