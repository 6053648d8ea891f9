"""All SQL of journal entries and postings: appending them, and reading them as they stand."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from psycopg import errors as pg
from psycopg.rows import TupleRow, class_row

from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.base.errors import ConflictError
from openledger_server.ledger import valuation
from openledger_server.ledger.digests import Batch
from openledger_server.ledger.periods import store as periods
from openledger_server.ledger.periods.types import Because, PeriodAction, PeriodClosedError, PeriodRoleError, is_closed
from openledger_server.ledger.rates import store as rates
from openledger_server.ledger.types import (
    MACHINE,
    Actor,
    ActorKind,
    EntryKind,
    JournalEntry,
    JournalEntryId,
    LedgerAccountId,
    Posting,
    RecordedEntry,
    UnbalancedEntryError,
)


class AlreadyPostedError(ConflictError):
    """This version of this fact is in the books already."""

    code = "ALREADY_POSTED"


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
        PeriodRoleError: if the role of the `override` may not do that.
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
        if not override.role.may_reopen:
            raise PeriodRoleError
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
    """Return the entries with the worth of every posting, but for those in the base currency itself."""
    if not valuation.has_unvalued(entries, base_currency=base_currency):
        return list(entries)
    wanted = valuation.wanted_rates(entries, base_currency=base_currency)
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
                posting.amount_minor if posting.base_minor is None else posting.base_minor,
                posting.rate,
                entry.dated,
            )


_BATCH = 17
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


async def entries_by_batch(conn: ReadConnection, *, entity_id: int) -> AsyncIterator[tuple[int, RecordedEntry | None]]:
    """Yield every journal entry as it stands with its batch, in the order of batches and ids; rows are streamed.

    What somebody made of a row by other ways than this server may not be a journal entry any more: then None.
    """
    query = _RECORDED + " GROUP BY e.entity_id, e.id ORDER BY e.batch, e.id"
    async with conn.cursor(name="batches") as cursor:
        await cursor.execute(query, {"entity_id": entity_id})
        async for row in cursor:
            try:
                recorded = _recorded_entry(row)
            except (UnbalancedEntryError, ValueError):
                recorded = None
            yield row[_BATCH], recorded


async def batches(conn: ReadConnection, *, entity_id: int) -> list[Batch]:
    """Return the links of the digest chain as they were stored, first to last."""
    async with conn.cursor(row_factory=class_row(Batch)) as cursor:
        await cursor.execute(
            """
            SELECT batch, entries, sha256, appended_at FROM ledger_batch
             WHERE entity_id = %(entity_id)s ORDER BY batch
            """,
            {"entity_id": entity_id},
        )
        return await cursor.fetchall()


async def recorded_entries(
    conn: ReadConnection, ids: Collection[JournalEntryId], *, entity_id: int
) -> list[RecordedEntry]:
    """Return these journal entries as they stand in the books, by id; those the entity does not have are left out."""
    if not ids:
        return []
    query = _RECORDED + " AND e.id = ANY(%(ids)s) GROUP BY e.entity_id, e.id ORDER BY e.id"
    cursor = await conn.execute(query, {"entity_id": entity_id, "ids": list(ids)})
    return [_recorded_entry(row) for row in await cursor.fetchall()]


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
        batch=row[_BATCH],
        reversed_by_id=row[18],
    )
