"""An independent opinion of how a life must end: from the banks' own lists and people's decisions alone.

It shares no code with the server: the rules are written down a second time, from the design, and the outcome is
compared row by row and cent by cent.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

from tests.simulation.life import Life

_TABLE = Path(__file__).parents[2] / "src" / "openledger_server" / "categorization" / "data" / "pfc_to_coa.csv"
_CLEARING, _UNKNOWN_IN, _UNKNOWN_OUT = 1090, 4999, 6999
_SURE = {"VERY_HIGH", "HIGH"}
_APART = timedelta(days=5)
_SURE_AFTER = 5

Memory = dict[str, list[tuple[int, Decimal]]]
Judged = tuple[int | None, bool | None]
"""(ledger account code, whether a person should look) of a row nobody has decided; None: no opinion."""

Verdict = tuple[Decimal, date, bool, bool, int | None, bool | None]
"""(amount, day, pending, whether a person decided, ledger account code, whether a person should look).

The last two may be None, where the auditor has no opinion: on the banks' own believable history the model has a say,
and a second model here would only be the first one again; the workload's own rows bear names that mean nothing. And
how sure one may be of people of two minds is measured, not derived.
"""


@dataclass(frozen=True, slots=True)
class BankRow:
    """One row of the bank's own list. `amount`: positive = money in."""

    key: str
    bank_account: str
    amount: Decimal
    dated: date
    is_pending: bool
    merchant: str | None
    code: str | None
    level: str | None


def audit(life: Life, owner_dsn: str, bank_rows: Iterable[dict[str, Any]]) -> list[str]:
    """Return every difference between what should be and what is stored; empty when all is right."""
    expected = _expected(life, [_row(row) for row in bank_rows])
    found = _found(owner_dsn, life.entity_id)
    ours = {*life.made, *life.decisions}
    expected = {key: one if key in ours else (*one[:4], None, None) for key, one in expected.items()}
    return [
        f"seed {life.seed}: row {key}: expected {expected.get(key)}, found {found.get(key)}"
        for key in sorted(expected.keys() | found.keys())
        if not _agree(expected.get(key), found.get(key))
    ]


def _agree(expected: Verdict | None, found: Verdict | None) -> bool:
    if expected is None or found is None:
        return False  # no row may be there that is not expected, and none may be missing
    return all(one is None or one == other for one, other in zip(expected, found, strict=True))


def _row(row: dict[str, Any]) -> BankRow:
    category = row.get("personal_finance_category") or {}
    return BankRow(
        key=row["transaction_id"],
        bank_account=row["account_id"],
        amount=-Decimal(str(row["amount"])),
        dated=date.fromisoformat(row["date"]),
        is_pending=row["pending"],
        merchant=row.get("merchant_name"),
        code=category.get("detailed"),
        level=category.get("confidence_level"),
    )


def _expected(life: Life, rows: list[BankRow]) -> dict[str, Verdict]:
    with _TABLE.open(encoding="utf-8") as file:
        table = {line["pfc_detailed"]: line for line in csv.DictReader(file)}
    undecided = {row.key: _by_rule(row, table, life.memory) for row in rows if row.key not in life.decisions}
    waiting = [row for row in rows if not row.is_pending and undecided.get(row.key, (0, False))[0] == _CLEARING]
    others = [row for row in rows if not row.is_pending and row.key in undecided]
    settled_transfers = {key for leg in waiting for key in _pair(leg, others)}
    unclear = [row for row in others if undecided[row.key][0] is None]
    unclear_transfers = {key for leg in unclear for key in _pair(leg, others)}
    # One side of a transfer whose other side a person calls something else waits for a person, whatever it was before.
    decided = [row for row in rows if row.key in life.decisions]
    freed = {row.key for row in others if any(_are_sides(row, other) for other in decided)}
    verdicts: dict[str, Verdict] = {}
    for row in rows:
        code, is_doubtful = undecided.get(row.key, (life.decisions.get(row.key, 0), False))
        if row.key in settled_transfers:
            code, is_doubtful = _CLEARING, False
        elif row.key in unclear_transfers | freed:
            code, is_doubtful = None, None
        is_decided = row.key in life.decisions
        verdicts[row.key] = (row.amount, row.dated, row.is_pending, is_decided, code, is_doubtful)
    return verdicts


def _by_rule(row: BankRow, table: dict[str, dict[str, str]], memory: Memory) -> Judged:
    line = table.get(row.code or "")
    if row.merchant in memory:
        return _remembered(row, line, memory[row.merchant])
    unknown = _UNKNOWN_IN if row.amount > 0 else _UNKNOWN_OUT
    if line is None or not line["account_number"]:
        return unknown, True
    if line["is_transfer"] == "1":
        return _CLEARING, True
    if row.level in _SURE and line["personal_on_business_account"] != "1":
        return int(line["account_number"]), False
    return unknown, True


def _remembered(row: BankRow, line: dict[str, str] | None, choices: list[tuple[int, Decimal]]) -> Judged:
    """A merchant goes where it went last. Once at this amount, or a few times at others, is too little to be sure.

    Of people of two minds memory makes little, and others may know better.
    """
    code = choices[-1][0]
    if any(chosen != code for chosen, _ in choices):
        return None, None
    if sum(amount == row.amount for _, amount in choices) > 1:
        return code, False
    if line is not None and line["account_number"] == str(code):
        is_plain = line["personal_on_business_account"] != "1"
        return code, False if row.level in _SURE and is_plain else None
    return code, True if len(choices) < _SURE_AFTER else None


def _pair(leg: BankRow, others: list[BankRow]) -> set[str]:
    """Return both sides of the transfer that `leg` is part of, or nothing: amounts in this world are all different."""
    sides = [other for other in others if _are_sides(leg, other)]
    nearest = sorted(sides, key=lambda other: abs(other.dated - leg.dated))
    if not nearest or (len(nearest) > 1 and abs(nearest[0].dated - leg.dated) == abs(nearest[1].dated - leg.dated)):
        return set()
    return {leg.key, nearest[0].key}


def _are_sides(one: BankRow, other: BankRow) -> bool:
    is_far = abs(other.dated - one.dated) > _APART
    return other.amount == -one.amount and other.bank_account != one.bank_account and not is_far


def _found(owner_dsn: str, entity_id: int) -> dict[str, Verdict]:
    with psycopg.connect(owner_dsn) as owner:
        rows = owner.execute(
            """
            SELECT b.provider_transaction_id, b.amount, b.dated, b.is_pending, c.decided_by = 'person', a.code,
                   c.needs_review
              FROM bank_transaction AS b
              JOIN categorization AS c ON c.entity_id = b.entity_id AND c.bank_transaction_id = b.id
              JOIN ledger_account AS a ON a.entity_id = b.entity_id AND a.id = c.ledger_account_id
             WHERE b.entity_id = %s AND b.removed_at IS NULL
            """,
            (entity_id,),
        ).fetchall()
    return {row[0]: (row[1], row[2], row[3], row[4], row[5], row[6]) for row in rows}
