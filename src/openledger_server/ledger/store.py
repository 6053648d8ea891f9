"""All SQL of the books."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from psycopg import errors as pg
from psycopg.rows import TupleRow, class_row

from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.base.errors import ConflictError, NotFoundError
from openledger_server.base.ids import new_ids
from openledger_server.ledger import valuation
from openledger_server.ledger.chart import TemplateAccount
from openledger_server.ledger.periods import store as periods
from openledger_server.ledger.periods.types import Because, PeriodAction, PeriodClosedError, is_closed
from openledger_server.ledger.rates import store as rates
from openledger_server.ledger.types import (
    MACHINE,
    AccountTotal,
    Actor,
    ActorKind,
    EntryKind,
    JournalEntry,
    JournalEntryId,
    LedgerAccount,
    LedgerAccountId,
    LedgerAccountType,
    Posting,
    RecordedEntry,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Books:
    base_currency: str
    last_batch: int
    closed_through: date | None


async def append_entries(
    conn: WriteConnection,
    entries: Sequence[JournalEntry],
    *,
    entity_id: int,
    now: datetime,
    by: Actor = MACHINE,
    override: Because | None = None,
) -> None:
    """Add journal entries to the books, all or none, in a few statements however many there are.

    `by` is who makes them; why is each entry's own `reason`. Postings that do not say what they are worth in the base
    currency are valued at the loaded rate of their day; a reversal takes back what its entry was worth. `override` lets
    entries into a closed period and is logged.

    Raises:
        AlreadyPostedError: if a `source_ref` is in the books already, or an entry was reversed before.
        PeriodClosedError: if an entry is dated in a closed period and there is no `override`.
        RateMissingError: if no exchange rate is known for a posting's currency and day.
        UnbalancedEntryError: if an entry does not balance.
    """
    if not entries:
        return
    books = await _held_books(conn, entity_id=entity_id)
    batch = books.last_batch + 1
    first_day = min(entry.dated for entry in entries)
    if is_closed(first_day, closed_through=books.closed_through):
        assert books.closed_through is not None
        if override is None:
            raise PeriodClosedError(books.closed_through)
        await periods.add_period_event(
            conn,
            PeriodAction.OVERRIDE,
            entity_id=entity_id,
            through=books.closed_through,
            batch=batch,
            because=override,
            by=by,
            now=now,
        )
    valued = await _valued(conn, entries, entity_id=entity_id, base_currency=books.base_currency)
    await _stage(conn, valued)
    await _insert_staged(conn, entity_id=entity_id, batch=batch, by=by, now=now)


async def _held_books(conn: WriteConnection, *, entity_id: int) -> _Books:
    """Wait for our turn to write this entity's books, then return what an append has to know about them."""
    # Two statements: what the second reads has to be what the turn before left behind.
    await conn.execute("SELECT id FROM entity WHERE id = %(entity_id)s FOR NO KEY UPDATE", {"entity_id": entity_id})
    async with conn.cursor(row_factory=class_row(_Books)) as cursor:
        await cursor.execute(
            """
            SELECT base_currency,
                   coalesce((SELECT max(b.batch) FROM ledger_batch AS b WHERE b.entity_id = e.id), 0) AS last_batch,
                   (SELECT v.closed_through FROM period_event AS v
                     WHERE v.entity_id = e.id AND v.action IN ('close', 'reopen')
                     ORDER BY v.number DESC LIMIT 1) AS closed_through
              FROM entity AS e WHERE e.id = %(entity_id)s
            """,
            {"entity_id": entity_id},
        )
        books = await cursor.fetchone()
    assert books is not None, "the transaction is the entity's own"
    return books


async def _valued(
    conn: WriteConnection, entries: Sequence[JournalEntry], *, entity_id: int, base_currency: str
) -> list[JournalEntry]:
    """Return the entries with the worth of every posting in the base currency."""
    if not (wanted := valuation.wanted_rates(entries, base_currency=base_currency)):
        return [valuation.valued(entry, base_currency=base_currency, rates={}) for entry in entries]
    found = await rates.rates_on(conn, wanted, entity_id=entity_id)
    reversed_ids = {entry.reverses_id for entry in entries if entry.reverses_id is not None}
    originals = {one.entry.id: one.entry for one in await recorded_entries(conn, reversed_ids, entity_id=entity_id)}
    done: list[JournalEntry] = []
    for entry in entries:
        taken_back = entry if entry.reverses_id is None else _as_valued(entry, originals.get(entry.reverses_id))
        done.append(valuation.valued(taken_back, base_currency=base_currency, rates=found))
        originals[entry.id] = done[-1]
    return done


def _as_valued(entry: JournalEntry, original: JournalEntry | None) -> JournalEntry:
    """Return a reversal whose postings are worth the opposite of the postings that they take back."""
    left = list(original.postings) if original is not None else []
    lines: list[Posting] = []
    for line in entry.postings:
        key = (line.ledger_account_id, line.currency, -line.amount_minor)
        twin = next((one for one in left if (one.ledger_account_id, one.currency, one.amount_minor) == key), None)
        if twin is not None and twin.base_minor is not None and line.base_minor is None:
            left.remove(twin)
            lines.append(replace(line, base_minor=-twin.base_minor, rate=twin.rate))
        else:
            lines.append(line)
    return replace(entry, postings=tuple(lines))


async def _insert_staged(conn: WriteConnection, *, entity_id: int, batch: int, by: Actor, now: datetime) -> None:
    try:
        await conn.execute(
            """
            INSERT INTO journal_entry (entity_id, id, dated, source_ref, description, reverses_id, kind, reason, note,
                                       actor_kind, actor_id, actor_name, batch, created_at)
            SELECT %(entity_id)s, id, dated, source_ref, description, reverses_id, kind, reason, note,
                   %(actor_kind)s, %(actor_id)s, %(actor_name)s, %(batch)s, %(now)s
              FROM appended_journal_entry
            """,
            {
                "entity_id": entity_id,
                "actor_kind": by.kind.value,
                "actor_id": by.id,
                "actor_name": by.name,
                "batch": batch,
                "now": now,
            },
        )
        await conn.execute(
            """
            INSERT INTO posting (entity_id, journal_entry_id, line, ledger_account_id, amount_minor, currency,
                                 base_minor, rate, dated)
            SELECT %(entity_id)s, journal_entry_id, line, ledger_account_id, amount_minor, currency, base_minor, rate,
                   dated
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


async def _stage(conn: WriteConnection, entries: Sequence[JournalEntry]) -> None:
    await conn.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS appended_journal_entry
          (id bigint, dated date, source_ref text, description text, reverses_id bigint, kind text, reason text,
           note text) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE IF NOT EXISTS appended_posting
          (journal_entry_id bigint, line smallint, ledger_account_id bigint, amount_minor bigint, currency text,
           base_minor bigint, rate numeric, dated date) ON COMMIT DELETE ROWS;
        TRUNCATE appended_journal_entry, appended_posting
        """
    )
    async with conn.cursor() as cursor:
        async with cursor.copy("COPY appended_journal_entry FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int8", "date", "text", "text", "int8", "text", "text", "text"])
            for one in entries:
                await copy.write_row(
                    (
                        one.id,
                        one.dated,
                        one.source_ref,
                        one.description,
                        one.reverses_id,
                        one.kind.value,
                        one.reason,
                        one.note,
                    )
                )
        async with cursor.copy("COPY appended_posting FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int8", "int2", "int8", "int8", "text", "int8", "numeric", "date"])
            for row in _posting_rows(entries):
                await copy.write_row(row)


def _posting_rows(entries: Iterable[JournalEntry]) -> Iterable[tuple[object, ...]]:
    for entry in entries:
        for line, posting in enumerate(entry.postings, start=1):
            yield (
                entry.id,
                line,
                posting.ledger_account_id,
                posting.amount_minor,
                posting.currency,
                posting.base_minor,
                posting.rate,
                entry.dated,
            )


_RECORDED = """
    SELECT e.id, e.dated, e.source_ref, e.description, e.reverses_id, e.kind, e.reason, e.note,
           array_agg(p.ledger_account_id ORDER BY p.line), array_agg(p.amount_minor ORDER BY p.line),
           array_agg(p.currency ORDER BY p.line), array_agg(p.base_minor ORDER BY p.line),
           array_agg(p.rate ORDER BY p.line), e.actor_kind, e.actor_id, e.actor_name, e.created_at, e.batch,
           (SELECT r.id FROM journal_entry AS r WHERE r.entity_id = %(entity_id)s AND r.reverses_id = e.id)
      FROM journal_entry AS e
      JOIN posting AS p ON p.entity_id = e.entity_id AND p.journal_entry_id = e.id
     WHERE e.entity_id = %(entity_id)s
"""


async def entries(conn: ReadConnection, *, entity_id: int) -> AsyncIterator[JournalEntry]:
    """Yield every journal entry with its postings, by date and then in the order in which they were made.

    Rows are streamed in portions; however long the journal, memory stays small.
    """
    query = _RECORDED + " GROUP BY e.entity_id, e.id ORDER BY e.dated, e.id"
    async with conn.cursor(name="journal") as cursor:
        await cursor.execute(query, {"entity_id": entity_id})
        async for row in cursor:
            yield _recorded_entry(row).entry


async def recorded_entries(
    conn: ReadConnection, ids: Collection[JournalEntryId], *, entity_id: int
) -> list[RecordedEntry]:
    """Return these journal entries as they stand in the books, by id; those the entity does not have are left out."""
    if not ids:
        return []
    query = _RECORDED + " AND e.id = ANY(%(ids)s) GROUP BY e.entity_id, e.id ORDER BY e.id"
    cursor = await conn.execute(query, {"entity_id": entity_id, "ids": list(ids)})
    return [_recorded_entry(row) for row in await cursor.fetchall()]


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
              SELECT ledger_account_id, currency, debits_minor, credits_minor, base_debits_minor, base_credits_minor
                FROM ledger_account_month
               WHERE entity_id = %(entity_id)s AND month >= %(first_month)s AND month < %(last_month)s
              UNION ALL
              SELECT a.id, p.currency, p.debits_minor, p.credits_minor, p.base_debits_minor, p.base_credits_minor
                FROM unnest(%(starts)s::date[], %(stops)s::date[]) AS piece (start, stop)
                JOIN ledger_account AS a ON a.entity_id = %(entity_id)s,
                     LATERAL (SELECT currency,
                                     coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0) AS debits_minor,
                                     coalesce(-sum(amount_minor) FILTER (WHERE amount_minor < 0), 0) AS credits_minor,
                                     coalesce(sum(base_minor) FILTER (WHERE amount_minor > 0), 0) AS base_debits_minor,
                                     coalesce(-sum(base_minor) FILTER (WHERE amount_minor < 0), 0) AS base_credits_minor
                                FROM posting
                               WHERE entity_id = %(entity_id)s AND ledger_account_id = a.id
                                 AND dated >= piece.start AND dated < piece.stop
                               GROUP BY currency) AS p
            )
            SELECT ledger_account_id, currency, sum(debits_minor)::bigint AS debits_minor,
                   sum(credits_minor)::bigint AS credits_minor, sum(base_debits_minor)::bigint AS base_debits_minor,
                   sum(base_credits_minor)::bigint AS base_credits_minor
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


def _recorded_entry(row: TupleRow) -> RecordedEntry:
    entry = JournalEntry(
        id=JournalEntryId(row[0]),
        dated=row[1],
        source_ref=row[2],
        description=row[3],
        reverses_id=row[4],
        kind=EntryKind(row[5]),
        reason=row[6],
        note=row[7],
        postings=tuple(
            Posting(LedgerAccountId(account), amount, currency, base, rate)
            for account, amount, currency, base, rate in zip(*row[8:13], strict=True)
        ),
    )
    return RecordedEntry(
        entry=entry,
        actor=Actor(kind=ActorKind(row[13]), id=row[14], name=row[15]),
        recorded_at=row[16],
        batch=row[17],
        reversed_by_id=row[18],
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
