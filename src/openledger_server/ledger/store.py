"""All SQL of the books: the chart of accounts and its totals here, appending to the journal in `posting`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from psycopg import errors as pg
from psycopg.rows import class_row

from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.base.errors import ConflictError, NotFoundError
from openledger_server.base.ids import new_ids
from openledger_server.ledger.chart import TemplateAccount, free_code
from openledger_server.ledger.posting.store import AlreadyPostedError, append_entries, entries, recorded_entries
from openledger_server.ledger.types import (
    AccountTotal,
    LedgerAccount,
    LedgerAccountId,
    LedgerAccountType,
    SystemRole,
)

__all__ = [
    "AlreadyPostedError",
    "LedgerAccountTakenError",
    "UnknownLedgerAccountError",
    "account_balance",
    "account_totals",
    "add_ledger_account",
    "append_entries",
    "base_currency",
    "entries",
    "exchange_accounts",
    "ledger_account",
    "ledger_accounts",
    "open_chart",
    "recorded_entries",
    "split_by_months",
    "system_account",
]


class LedgerAccountTakenError(ConflictError):
    """The account number is in use."""

    code = "LEDGER_ACCOUNT_TAKEN"


class UnknownLedgerAccountError(NotFoundError):
    """The entity has no such ledger account (category)."""

    code = "CATEGORY_NOT_FOUND"


class ArchivedAccountError(ConflictError):
    """The ledger account is archived: choose another one, or take it back into use."""

    code = "LEDGER_ACCOUNT_ARCHIVED"

    def __init__(self, account: LedgerAccount) -> None:
        successor = account.merged_into_id
        super().__init__(
            f"{account.name} is archived and takes no new postings.",
            details=None if successor is None else {"mergedIntoId": str(successor)},
        )


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
    description: str
    standard_codes: list[int]
    archived_at: datetime | None
    merged_into_id: int | None


_ACCOUNT_QUERY = """
    SELECT id, code, name, type, subtype, parent_id, system_role, currency, created_at, updated_at, description,
           standard_codes, archived_at, merged_into_id
      FROM ledger_account WHERE entity_id = %(entity_id)s
"""


async def open_chart(
    conn: WriteConnection, *, entity_id: int, accounts: Sequence[TemplateAccount], now: datetime
) -> None:
    """Give an entity the accounts of a template; those whose number it has already are left as they are."""
    ids = list(new_ids(len(accounts)))
    by_code = {account.code: account_id for account, account_id in zip(accounts, ids, strict=True)}
    await conn.execute(
        """
        INSERT INTO ledger_account (entity_id, id, code, name, type, subtype, parent_id, system_role, standard_codes,
                                    created_at, updated_at)
        SELECT %(entity_id)s, t.id, t.code, t.name, t.type, t.subtype, t.parent_id, t.system_role,
               string_to_array(t.standard_codes, ' ')::int[], %(now)s, %(now)s
          FROM unnest(%(ids)s::bigint[], %(codes)s::int[], %(names)s::text[], %(types)s::text[], %(subtypes)s::text[],
                      %(parent_ids)s::bigint[], %(roles)s::text[], %(standard_codes)s::text[])
               AS t (id, code, name, type, subtype, parent_id, system_role, standard_codes)
        ON CONFLICT ON CONSTRAINT ledger_account_code_is_unique DO NOTHING
        """,
        {
            "entity_id": entity_id,
            "ids": ids,
            "parent_ids": [by_code.get(account.parent_code or 0) for account in accounts],
            "standard_codes": [" ".join(map(str, account.standard_codes)) for account in accounts],
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


async def open_account(conn: ReadConnection, *, entity_id: int, ledger_account_id: int) -> LedgerAccount:
    """Return one account of the chart that may be chosen for something new.

    Raises:
        UnknownLedgerAccountError: if this entity has none of that id.
        ArchivedAccountError: if it takes no more postings.
    """
    account = await ledger_account(conn, entity_id=entity_id, ledger_account_id=ledger_account_id)
    check_open(account)
    return account


def check_open(account: LedgerAccount) -> None:
    """Look whether an account may be chosen for something new.

    Raises:
        ArchivedAccountError: if not.
    """
    if account.archived_at is not None:
        raise ArchivedAccountError(account)


async def system_account(conn: ReadConnection, *, entity_id: int, role: SystemRole) -> LedgerAccountId:
    """Return the account that the system uses for `role`; every chart has one."""
    cursor = await conn.execute(
        "SELECT id FROM ledger_account WHERE entity_id = %(entity_id)s AND system_role = %(role)s",
        {"entity_id": entity_id, "role": role.value},
    )
    row = await cursor.fetchone()
    assert row is not None, "an entity is created together with its chart"
    return LedgerAccountId(row[0])


async def exchange_accounts(
    conn: WriteConnection, *, entity_id: int, now: datetime
) -> tuple[LedgerAccountId, LedgerAccountId]:
    """Return the currency exchange account and the exchange gain or loss account; they are opened when first needed."""
    found: dict[SystemRole, LedgerAccountId] = {}
    chart = await ledger_accounts(conn, entity_id=entity_id)
    taken = {account.code for account in chart}
    for role, name, type_, subtype in (
        (SystemRole.CURRENCY_EXCHANGE, "Currency Exchange", LedgerAccountType.EQUITY, "Equity"),
        (SystemRole.EXCHANGE_GAIN_LOSS, "Exchange Gain or Loss", LedgerAccountType.EXPENSE, "Other Expense"),
    ):
        known = next((account.id for account in chart if account.system_role is role), None)
        if known is None:
            known, code = LedgerAccountId(new_ids(1)[0]), free_code(taken, wanted=type_)
            taken.add(code)
            await conn.execute(
                """
                INSERT INTO ledger_account (entity_id, id, code, name, type, subtype, system_role, created_at,
                                            updated_at)
                VALUES (%(entity_id)s, %(id)s, %(code)s, %(name)s, %(type)s, %(subtype)s, %(role)s, %(now)s, %(now)s)
                """,
                {
                    "entity_id": entity_id,
                    "id": known,
                    "code": code,
                    "name": name,
                    "type": type_.value,
                    "subtype": subtype,
                    "role": role.value,
                    "now": now,
                },
            )
        found[role] = known
    return found[SystemRole.CURRENCY_EXCHANGE], found[SystemRole.EXCHANGE_GAIN_LOSS]


async def base_currency(conn: ReadConnection, *, entity_id: int) -> str:
    """Return the currency that an entity's books are valued in."""
    cursor = await conn.execute("SELECT base_currency FROM entity WHERE id = %(entity_id)s", {"entity_id": entity_id})
    row = await cursor.fetchone()
    assert row is not None, "the transaction is the entity's own"
    return str(row[0])


async def add_ledger_account(conn: WriteConnection, account: LedgerAccount, *, entity_id: int) -> None:
    """Store a new account of the chart.

    Raises:
        LedgerAccountTakenError: if its number is in use.
    """
    try:
        await conn.execute(
            """
            INSERT INTO ledger_account (entity_id, id, code, name, type, subtype, parent_id, system_role, currency,
                                        description, created_at, updated_at)
            VALUES (%(entity_id)s, %(id)s, %(code)s, %(name)s, %(type)s, %(subtype)s, %(parent_id)s, %(system_role)s,
                    %(currency)s, %(description)s, %(created_at)s, %(updated_at)s)
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
                "description": account.description,
                "created_at": account.created_at,
                "updated_at": account.updated_at,
            },
        )
    except pg.UniqueViolation as exc:
        raise LedgerAccountTakenError(f"Account number {account.code} is in use.") from exc


async def account_totals(
    conn: ReadConnection,
    *,
    entity_id: int,
    since: date | None,
    until: date,
    ledger_account_id: LedgerAccountId | None = None,
) -> list[AccountTotal]:
    """Return debits and credits per ledger account and currency over the half-open period [since, until).

    `since` None means from the beginning; `ledger_account_id` asks for one account only. Whole months come from the
    totals kept by month, the pieces at the two ends from those kept by day, so the cost grows with accounts and months
    and not with the number of postings.
    """
    months, ends = split_by_months(since, until)
    async with conn.cursor(row_factory=class_row(AccountTotal)) as cursor:
        await cursor.execute(
            """
            WITH part AS (
              SELECT ledger_account_id, currency, debits_minor, credits_minor, base_debits_minor, base_credits_minor
                FROM ledger_account_month
               WHERE entity_id = %(entity_id)s AND month >= %(first_month)s AND month < %(last_month)s
                 AND (%(id)s::bigint IS NULL OR ledger_account_id = %(id)s)
              UNION ALL
              SELECT a.id, d.currency, d.debits_minor, d.credits_minor, d.base_debits_minor, d.base_credits_minor
                FROM unnest(%(starts)s::date[], %(stops)s::date[]) AS piece (start, stop)
                JOIN ledger_account AS a ON a.entity_id = %(entity_id)s AND (%(id)s::bigint IS NULL OR a.id = %(id)s),
                     LATERAL (SELECT currency, sum(debits_minor) AS debits_minor, sum(credits_minor) AS credits_minor,
                                     sum(base_debits_minor) AS base_debits_minor,
                                     sum(base_credits_minor) AS base_credits_minor
                                FROM ledger_account_day
                               WHERE entity_id = %(entity_id)s AND ledger_account_id = a.id
                                 AND dated >= piece.start AND dated < piece.stop
                               GROUP BY currency) AS d
            )
            SELECT ledger_account_id, currency, sum(debits_minor)::bigint AS debits_minor,
                   sum(credits_minor)::bigint AS credits_minor, sum(base_debits_minor)::bigint AS base_debits_minor,
                   sum(base_credits_minor)::bigint AS base_credits_minor
              FROM part GROUP BY 1, 2 ORDER BY 1, 2
            """,
            {
                "entity_id": entity_id,
                "id": ledger_account_id,
                "first_month": months[0],
                "last_month": months[1],
                "starts": [start for start, _ in ends],
                "stops": [stop for _, stop in ends],
            },
        )
        return await cursor.fetchall()


async def account_balance(
    conn: ReadConnection,
    *,
    entity_id: int,
    ledger_account_id: LedgerAccountId,
    as_of: date,
    known_at: datetime | None = None,
) -> list[AccountTotal]:
    """Return one account's debits and credits per currency up to the end of `as_of`.

    With `known_at`, as the books said at that instant: entries made later, reversals among them, do not count, and the
    cost grows with the account's postings. Without, it comes from the kept totals.
    """
    if known_at is None:
        until = min(as_of, date.max - timedelta(days=1)) + timedelta(days=1)
        return await account_totals(
            conn, entity_id=entity_id, since=None, until=until, ledger_account_id=ledger_account_id
        )
    async with conn.cursor(row_factory=class_row(AccountTotal)) as cursor:
        await cursor.execute(
            """
            SELECT p.ledger_account_id, p.currency,
                   coalesce(sum(p.amount_minor) FILTER (WHERE p.amount_minor > 0), 0)::bigint AS debits_minor,
                   coalesce(-sum(p.amount_minor) FILTER (WHERE p.amount_minor < 0), 0)::bigint AS credits_minor,
                   coalesce(sum(p.base_minor) FILTER (WHERE p.amount_minor > 0), 0)::bigint AS base_debits_minor,
                   coalesce(-sum(p.base_minor) FILTER (WHERE p.amount_minor < 0), 0)::bigint AS base_credits_minor
              FROM posting AS p
              JOIN journal_entry AS e ON e.entity_id = p.entity_id AND e.id = p.journal_entry_id
             WHERE p.entity_id = %(entity_id)s AND p.ledger_account_id = %(id)s AND p.dated <= %(as_of)s
               AND e.created_at <= %(known_at)s
             GROUP BY p.ledger_account_id, p.currency ORDER BY p.currency
            """,
            {"entity_id": entity_id, "id": ledger_account_id, "as_of": as_of, "known_at": known_at},
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
        description=row.description,
        standard_codes=tuple(row.standard_codes),
        archived_at=row.archived_at,
        merged_into_id=None if row.merged_into_id is None else LedgerAccountId(row.merged_into_id),
    )
