"""All SQL of the books."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from psycopg import errors as pg
from psycopg.rows import TupleRow, class_row

from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.base.errors import ConflictError, NotFoundError
from openledger_server.base.ids import new_ids
from openledger_server.ledger.chart import TemplateAccount
from openledger_server.ledger.types import (
    AccountTotal,
    JournalEntry,
    JournalEntryId,
    LedgerAccount,
    LedgerAccountId,
    LedgerAccountType,
    Posting,
    SystemRole,
    UnbalancedEntryError,
)


class AlreadyPostedError(ConflictError):
    """This version of this fact is in the books already."""

    code = "ALREADY_POSTED"


class LedgerAccountTakenError(ConflictError):
    """The account number is in use."""

    code = "LEDGER_ACCOUNT_TAKEN"


class UnknownLedgerAccountError(NotFoundError):
    """The entity has no such ledger account (category)."""

    code = "CATEGORY_NOT_FOUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class _LedgerAccountRow:
    id: int
    code: int
    name: str
    type: str
    subtype: str
    parent_id: int | None
    system_role: str | None
    currency: str | None
    created_at: datetime
    updated_at: datetime


_ACCOUNT_QUERY = """
    SELECT id, code, name, type, subtype, parent_id, system_role, currency, created_at, updated_at
      FROM ledger_account WHERE entity_id = %(entity_id)s
"""


async def open_chart(
    conn: WriteConnection, *, entity_id: int, accounts: Sequence[TemplateAccount], now: datetime
) -> None:
    """Give an entity the accounts of a template; those whose number it has already are left as they are."""
    await conn.execute(
        """
        INSERT INTO ledger_account (entity_id, id, code, name, type, subtype, system_role, created_at, updated_at)
        SELECT %(entity_id)s, t.id, t.code, t.name, t.type, t.subtype, t.system_role, %(now)s, %(now)s
          FROM unnest(%(ids)s::bigint[], %(codes)s::int[], %(names)s::text[], %(types)s::text[], %(subtypes)s::text[],
                      %(roles)s::text[]) AS t (id, code, name, type, subtype, system_role)
        ON CONFLICT ON CONSTRAINT ledger_account_code_is_unique DO NOTHING
        """,
        {
            "entity_id": entity_id,
            "ids": list(new_ids(len(accounts))),
            "codes": [account.code for account in accounts],
            "names": [account.name for account in accounts],
            "types": [account.type.value for account in accounts],
            "subtypes": [account.subtype for account in accounts],
            "roles": [account.system_role.value if account.system_role else None for account in accounts],
            "now": now,
        },
    )


async def ledger_accounts(conn: ReadConnection, *, entity_id: int) -> list[LedgerAccount]:
    """Return the entity's whole chart, ordered by code."""
    query = _ACCOUNT_QUERY + " ORDER BY code"
    async with conn.cursor(row_factory=class_row(_LedgerAccountRow)) as cursor:
        await cursor.execute(query, {"entity_id": entity_id})
        return [_ledger_account(row) for row in await cursor.fetchall()]


async def ledger_account(conn: ReadConnection, *, entity_id: int, ledger_account_id: int) -> LedgerAccount:
    """Return one account of the chart.

    Raises:
        UnknownLedgerAccountError: if this entity has none of that id.
    """
    query = _ACCOUNT_QUERY + " AND id = %(id)s"
    async with conn.cursor(row_factory=class_row(_LedgerAccountRow)) as cursor:
        await cursor.execute(query, {"entity_id": entity_id, "id": ledger_account_id})
        row = await cursor.fetchone()
    if row is None:
        raise UnknownLedgerAccountError("There is no such category in this entity's chart of accounts.")
    return _ledger_account(row)


async def system_account(conn: ReadConnection, *, entity_id: int, role: SystemRole) -> LedgerAccountId:
    """Return the account that the system uses for `role`; every chart has one."""
    cursor = await conn.execute(
        "SELECT id FROM ledger_account WHERE entity_id = %(entity_id)s AND system_role = %(role)s",
        {"entity_id": entity_id, "role": role.value},
    )
    row = await cursor.fetchone()
    assert row is not None, "an entity is created together with its chart"
    return LedgerAccountId(row[0])


async def add_ledger_account(conn: WriteConnection, account: LedgerAccount, *, entity_id: int) -> None:
    """Store a new account of the chart.

    Raises:
        LedgerAccountTakenError: if its number is in use.
    """
    try:
        await conn.execute(
            """
            INSERT INTO ledger_account (entity_id, id, code, name, type, subtype, parent_id, system_role, currency,
                                        created_at, updated_at)
            VALUES (%(entity_id)s, %(id)s, %(code)s, %(name)s, %(type)s, %(subtype)s, %(parent_id)s, %(system_role)s,
                    %(currency)s, %(created_at)s, %(updated_at)s)
            """,
            {
                "entity_id": entity_id,
                "id": account.id,
                "code": account.code,
                "name": account.name,
                "type": account.type.value,
                "subtype": account.subtype,
                "parent_id": account.parent_id,
                "system_role": account.system_role.value if account.system_role else None,
                "currency": account.currency,
                "created_at": account.created_at,
                "updated_at": account.updated_at,
            },
        )
    except pg.UniqueViolation as exc:
        raise LedgerAccountTakenError(f"Account number {account.code} is in use.") from exc


async def append_entries(
    conn: WriteConnection, entries: Sequence[JournalEntry], *, entity_id: int, now: datetime
) -> None:
    """Add journal entries to the books, all or none, in three statements however many there are.

    Raises:
        AlreadyPostedError: if a `source_ref` is in the books already, or an entry was reversed before.
        UnbalancedEntryError: if the database finds an entry that does not balance.
    """
    if not entries:
        return
    await conn.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS appended_journal_entry
          (id bigint, dated date, source_ref text, description text, reverses_id bigint) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE IF NOT EXISTS appended_posting
          (journal_entry_id bigint, line smallint, ledger_account_id bigint, amount_minor bigint, currency text,
           dated date) ON COMMIT DELETE ROWS;
        TRUNCATE appended_journal_entry, appended_posting
        """
    )
    await _copy_entries(conn, entries)
    try:
        await conn.execute(
            """
            INSERT INTO journal_entry (entity_id, id, dated, source_ref, description, reverses_id, created_at)
            SELECT %(entity_id)s, id, dated, source_ref, description, reverses_id, %(now)s FROM appended_journal_entry
            """,
            {"entity_id": entity_id, "now": now},
        )
        await conn.execute(
            """
            INSERT INTO posting (entity_id, journal_entry_id, line, ledger_account_id, amount_minor, currency, dated)
            SELECT %(entity_id)s, journal_entry_id, line, ledger_account_id, amount_minor, currency, dated
              FROM appended_posting
            """,
            {"entity_id": entity_id},
        )
    except pg.UniqueViolation as exc:
        raise AlreadyPostedError("This was posted to the ledger already.") from exc
    except pg.CheckViolation as exc:
        if exc.diag.constraint_name == "journal_entry_balances":
            raise UnbalancedEntryError("A journal entry does not balance.") from exc
        raise


async def _copy_entries(conn: WriteConnection, entries: Sequence[JournalEntry]) -> None:
    async with conn.cursor() as cursor:
        async with cursor.copy("COPY appended_journal_entry FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int8", "date", "text", "text", "int8"])
            for entry in entries:
                await copy.write_row((entry.id, entry.dated, entry.source_ref, entry.description, entry.reverses_id))
        async with cursor.copy("COPY appended_posting FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int8", "int2", "int8", "int8", "text", "date"])
            for entry in entries:
                for line, posting in enumerate(entry.postings, start=1):
                    await copy.write_row(
                        (entry.id, line, posting.ledger_account_id, posting.amount_minor, posting.currency, entry.dated)
                    )


async def entries(conn: ReadConnection, *, entity_id: int) -> AsyncIterator[JournalEntry]:
    """Yield every journal entry with its postings, by date and then in the order in which they were made.

    Rows are streamed in portions; however long the journal, memory stays small.
    """
    async with conn.cursor(name="journal") as cursor:
        await cursor.execute(
            """
            SELECT e.id, e.dated, e.source_ref, e.description, e.reverses_id,
                   array_agg(p.ledger_account_id ORDER BY p.line), array_agg(p.amount_minor ORDER BY p.line),
                   array_agg(p.currency ORDER BY p.line)
              FROM journal_entry AS e
              JOIN posting AS p ON p.entity_id = e.entity_id AND p.journal_entry_id = e.id
             WHERE e.entity_id = %(entity_id)s
             GROUP BY e.id, e.dated, e.source_ref, e.description, e.reverses_id
             ORDER BY e.dated, e.id
            """,
            {"entity_id": entity_id},
        )
        async for row in cursor:
            yield _journal_entry(row)


async def account_totals(
    conn: ReadConnection, *, entity_id: int, since: date | None, until: date
) -> list[AccountTotal]:
    """Return debits and credits per ledger account and currency over the half-open period [since, until).

    `since` None means from the beginning. Whole months come from the kept totals; only the parts of months at the two
    ends are summed from postings, so the cost does not grow with history.
    """
    months, ends = split_by_months(since, until)
    async with conn.cursor(row_factory=class_row(AccountTotal)) as cursor:
        await cursor.execute(
            """
            WITH part AS (
              SELECT ledger_account_id, currency, debits_minor, credits_minor
                FROM ledger_account_month
               WHERE entity_id = %(entity_id)s AND month >= %(first_month)s AND month < %(last_month)s
              UNION ALL
              SELECT a.id, p.currency, p.debits_minor, p.credits_minor
                FROM unnest(%(starts)s::date[], %(stops)s::date[]) AS piece (start, stop)
                JOIN ledger_account AS a ON a.entity_id = %(entity_id)s,
                     LATERAL (SELECT currency,
                                     coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0) AS debits_minor,
                                     coalesce(-sum(amount_minor) FILTER (WHERE amount_minor < 0), 0) AS credits_minor
                                FROM posting
                               WHERE entity_id = %(entity_id)s AND ledger_account_id = a.id
                                 AND dated >= piece.start AND dated < piece.stop
                               GROUP BY currency) AS p
            )
            SELECT ledger_account_id, currency, sum(debits_minor)::bigint AS debits_minor,
                   sum(credits_minor)::bigint AS credits_minor
              FROM part GROUP BY 1, 2
            """,
            {
                "entity_id": entity_id,
                "first_month": months[0],
                "last_month": months[1],
                "starts": [start for start, _ in ends],
                "stops": [stop for _, stop in ends],
            },
        )
        return await cursor.fetchall()


DateRange = tuple[date, date]
"""(first day, day after the last)."""


def split_by_months(since: date | None, until: date) -> tuple[DateRange, list[DateRange]]:
    """Return a period as its whole months and the pieces of months at its ends; the months may be an empty range."""
    last_month = until.replace(day=1)
    tail = [(last_month, until)] if last_month < until else []
    if since is None:
        return (date.min, last_month), tail
    first_month = since if since.day == 1 else (since.replace(day=1) + timedelta(days=32)).replace(day=1)
    if first_month > last_month:
        return (first_month, first_month), [(since, until)]
    head = [(since, first_month)] if since < first_month else []
    return (first_month, last_month), head + tail


def _journal_entry(row: TupleRow) -> JournalEntry:
    return JournalEntry(
        id=JournalEntryId(row[0]),
        dated=row[1],
        source_ref=row[2],
        description=row[3],
        reverses_id=row[4],
        postings=tuple(
            Posting(LedgerAccountId(account), amount, currency)
            for account, amount, currency in zip(row[5], row[6], row[7], strict=True)
        ),
    )


def _ledger_account(row: _LedgerAccountRow) -> LedgerAccount:
    return LedgerAccount(
        id=LedgerAccountId(row.id),
        code=row.code,
        name=row.name,
        type=LedgerAccountType(row.type),
        subtype=row.subtype,
        parent_id=None if row.parent_id is None else LedgerAccountId(row.parent_id),
        system_role=None if row.system_role is None else SystemRole(row.system_role),
        currency=row.currency,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
