"""All SQL of rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.base.money import Money
from openledger_server.categorization.rules.conditions import read_condition
from openledger_server.categorization.rules.splitting import RulePart
from openledger_server.categorization.rules.types import Rule, RuleAction, RuleId, UnknownRuleError
from openledger_server.ledger.types import LedgerAccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class _RuleRow:
    id: int
    position: int
    name: str
    condition: Any
    ledger_account_id: int | None
    counterparty: str | None
    is_transfer: bool
    is_exclusion: bool
    accounts: list[int] | None
    shares: list[int | None] | None
    fixed: list[int | None] | None
    currencies: list[str | None] | None
    is_enabled: bool
    created_at: datetime
    updated_at: datetime


_RULE_QUERY = """
    SELECT r.id, r.position, r.name, r.condition, r.ledger_account_id, r.counterparty, r.is_transfer, r.is_exclusion,
           p.accounts, p.shares, p.fixed, p.currencies, r.is_enabled, r.created_at, r.updated_at
      FROM categorization_rule AS r
      LEFT JOIN (SELECT rule_id, array_agg(ledger_account_id ORDER BY position) AS accounts,
                        array_agg(share_bp ORDER BY position) AS shares,
                        array_agg(fixed_minor ORDER BY position) AS fixed,
                        array_agg(currency ORDER BY position) AS currencies
                   FROM categorization_rule_part WHERE entity_id = %(entity_id)s GROUP BY rule_id) AS p
        ON p.rule_id = r.id
     WHERE r.entity_id = %(entity_id)s AND r.deleted_at IS NULL
"""


async def rules(conn: ReadConnection, *, entity_id: int) -> list[Rule]:
    """Return the entity's rules in their order, disabled ones included."""
    query = _RULE_QUERY + " ORDER BY r.position, r.id"
    async with conn.cursor(row_factory=class_row(_RuleRow)) as cursor:
        await cursor.execute(query, {"entity_id": entity_id})
        return [_rule(row) for row in await cursor.fetchall()]


async def rule(conn: ReadConnection, *, entity_id: int, rule_id: RuleId) -> Rule:
    """Return one rule.

    Raises:
        UnknownRuleError: if the entity has none of that id.
    """
    query = _RULE_QUERY + " AND r.id = %(id)s"
    async with conn.cursor(row_factory=class_row(_RuleRow)) as cursor:
        await cursor.execute(query, {"entity_id": entity_id, "id": rule_id})
        row = await cursor.fetchone()
    if row is None:
        raise UnknownRuleError
    return _rule(row)


async def store_rule(conn: WriteConnection, made: Rule, *, entity_id: int) -> None:
    """Store a new rule, or the new state of one."""
    await conn.execute(
        """
        INSERT INTO categorization_rule (entity_id, id, position, name, condition, ledger_account_id, counterparty,
                                         is_transfer, is_exclusion, is_split, is_enabled, created_at, updated_at)
        VALUES (%(entity_id)s, %(id)s, %(position)s, %(name)s, %(condition)s, %(ledger_account_id)s, %(counterparty)s,
                %(is_transfer)s, %(is_exclusion)s, %(is_split)s, %(is_enabled)s, %(created_at)s, %(updated_at)s)
        ON CONFLICT (entity_id, id) DO UPDATE
          SET position = excluded.position, name = excluded.name, condition = excluded.condition,
              ledger_account_id = excluded.ledger_account_id, counterparty = excluded.counterparty,
              is_transfer = excluded.is_transfer, is_exclusion = excluded.is_exclusion,
              is_split = excluded.is_split, is_enabled = excluded.is_enabled, updated_at = excluded.updated_at
        """,
        {
            "entity_id": entity_id,
            "id": made.id,
            "position": made.position,
            "name": made.name,
            "condition": Jsonb(made.condition.json),
            "ledger_account_id": made.action.ledger_account_id,
            "counterparty": made.action.counterparty,
            "is_transfer": made.action.is_transfer,
            "is_exclusion": made.action.is_exclusion,
            "is_split": bool(made.action.split),
            "is_enabled": made.is_enabled,
            "created_at": made.created_at,
            "updated_at": made.updated_at,
        },
    )
    await _store_parts(conn, made, entity_id=entity_id)


async def _store_parts(conn: WriteConnection, made: Rule, *, entity_id: int) -> None:
    parts = made.action.split
    await conn.execute(
        "DELETE FROM categorization_rule_part WHERE entity_id = %(entity_id)s AND rule_id = %(id)s",
        {"entity_id": entity_id, "id": made.id},
    )
    await conn.execute(
        """
        INSERT INTO categorization_rule_part
          (entity_id, rule_id, position, ledger_account_id, share_bp, fixed_minor, currency)
        SELECT %(entity_id)s, %(id)s, t.position, t.account, t.share, t.fixed, t.currency
          FROM unnest(%(accounts)s::bigint[], %(shares)s::int[], %(fixed)s::bigint[], %(currencies)s::text[])
               WITH ORDINALITY AS t (account, share, fixed, currency, position)
        """,
        {
            "entity_id": entity_id,
            "id": made.id,
            "accounts": [part.ledger_account_id for part in parts],
            "shares": [part.share_bp for part in parts],
            "fixed": [None if part.fixed is None else part.fixed.amount_minor for part in parts],
            "currencies": [None if part.fixed is None else part.fixed.currency for part in parts],
        },
    )


async def store_order(conn: WriteConnection, rule_ids: Sequence[RuleId], *, entity_id: int, now: datetime) -> None:
    """Give these rules the positions 0, 1, 2 … in this order."""
    await conn.execute(
        """
        UPDATE categorization_rule AS r SET position = t.position - 1, updated_at = %(now)s
          FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS t (id, position)
         WHERE r.entity_id = %(entity_id)s AND r.id = t.id AND r.position <> t.position - 1
        """,
        {"entity_id": entity_id, "ids": list(rule_ids), "now": now},
    )


async def delete_rule(conn: WriteConnection, *, entity_id: int, rule_id: RuleId, now: datetime) -> None:
    """Let a rule decide nothing any more; what it decided stays and still names it."""
    await conn.execute(
        """
        UPDATE categorization_rule SET deleted_at = %(now)s
         WHERE entity_id = %(entity_id)s AND id = %(id)s AND deleted_at IS NULL
        """,
        {"entity_id": entity_id, "id": rule_id, "now": now},
    )


async def decided_counts(conn: ReadConnection, *, entity_id: int) -> dict[RuleId, int]:
    """Return how many live rows each rule has a hand in at present; rules without any are left out."""
    cursor = await conn.execute(
        """
        SELECT c.rule_id, count(*) FROM categorization AS c
          JOIN bank_transaction AS b ON b.entity_id = c.entity_id AND b.id = c.bank_transaction_id
         WHERE c.entity_id = %(entity_id)s AND c.rule_id IS NOT NULL AND c.decided_by <> 'person'
           AND b.removed_at IS NULL
         GROUP BY c.rule_id
        """,
        {"entity_id": entity_id},
    )
    return {RuleId(row[0]): row[1] for row in await cursor.fetchall()}


def _parts(row: _RuleRow) -> tuple[RulePart, ...]:
    columns = zip(row.accounts or (), row.shares or (), row.fixed or (), row.currencies or (), strict=True)
    return tuple(
        RulePart(
            ledger_account_id=LedgerAccountId(account),
            share_bp=share,
            fixed=None if fixed is None or currency is None else Money(fixed, currency),
        )
        for account, share, fixed, currency in columns
    )


def _rule(row: _RuleRow) -> Rule:
    account = row.ledger_account_id
    return Rule(
        id=RuleId(row.id),
        position=row.position,
        name=row.name,
        condition=read_condition(row.condition),
        action=RuleAction(
            ledger_account_id=None if account is None else LedgerAccountId(account),
            counterparty=row.counterparty,
            is_transfer=row.is_transfer,
            is_exclusion=row.is_exclusion,
            split=_parts(row),
        ),
        is_enabled=row.is_enabled,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
