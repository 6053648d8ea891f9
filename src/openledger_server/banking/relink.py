"""Recognising a bank that is linked again: its accounts by what people see of them, its rows by what they say. Pure."""

import re
import unicodedata
from collections import defaultdict, deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from openledger_server.banking.connection import ENDED
from openledger_server.banking.rows import BankAccountRow, OrphanRow
from openledger_server.banking.types import (
    BankAccountFact,
    BankAccountId,
    BankTransactionFact,
    BankTransactionId,
    ItemState,
)

_NO_WORD = re.compile(r"[\W_]+")
_FREE_STATES = {*(state.value for state in ENDED), ItemState.ERROR.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenAccount:
    """A bank account as the bank's dialog described it to the browser; only good for recognising duplicates."""

    name: str
    mask: str | None


def is_free(row: BankAccountRow) -> bool:
    """Return whether a new connection may take a bank account over: nothing feeds it, or nothing can any more."""
    return row.unlinked_at is not None or row.item_state in _FREE_STATES


def duplicate_of(
    chosen: Iterable[ChosenAccount], rows: Iterable[BankAccountRow], *, institution_id: str | None
) -> BankAccountRow | None:
    """Return a linked bank account that is one of those chosen in the dialog, if there is one."""
    wanted = {(_words(account.name), account.mask) for account in chosen}
    for row in rows:
        if row.institution_id == institution_id and not is_free(row) and (_words(row.name), row.mask) in wanted:
            return row
    return None


def predecessors(
    facts: Iterable[BankAccountFact],
    rows: Iterable[BankAccountRow],
    *,
    institution_id: str | None,
    gone: Collection[BankAccountId] = (),
) -> dict[str, BankAccountRow]:
    """Return, by the provider's id, the free bank account of the same bank that each new one continues.

    A lasting id of the bank's decides; else kind, currency and mask have to be the same, and name or subtype. One that
    fits two is nobody's, so that a person can decide. `gone` are further accounts that the bank lists no
    more: banks give accounts new ids at times.
    """
    free = [row for row in rows if (is_free(row) or row.id in gone) and row.institution_id == institution_id]
    found: dict[str, list[BankAccountRow]] = {
        fact.provider_account_id: [row for row in free if _continues(fact, row)] for fact in facts
    }
    claims: dict[BankAccountId, int] = defaultdict(int)
    for matches in found.values():
        for row in matches:
            claims[row.id] += 1
    return {
        provider_id: matches[0]
        for provider_id, matches in found.items()
        if len(matches) == 1 and claims[matches[0].id] == 1
    }


def _continues(fact: BankAccountFact, row: BankAccountRow) -> bool:
    if fact.persistent_account_id is not None and row.persistent_account_id is not None:
        return fact.persistent_account_id == row.persistent_account_id
    if (fact.type, fact.currency, fact.mask) != (row.type, row.currency, row.mask):
        return False
    is_named_alike = _words(fact.name) == _words(row.name)
    return is_named_alike or (fact.mask is not None and fact.subtype == row.subtype)


def successors(
    facts: Iterable[BankTransactionFact], orphans: Iterable[OrphanRow], *, bank_account_ids: dict[str, BankAccountId]
) -> dict[BankTransactionId, str]:
    """Return which new row (its provider id) is which row of the earlier connection.

    Equal are rows of one account with the same day, amount, currency and words; of several equal ones the first takes
    the first, the second the second: two coffees on one day stay two.
    """
    waiting: dict[tuple[int, date, Decimal, str, str], deque[BankTransactionId]] = defaultdict(deque)
    for row in orphans:
        if not row.is_pending:
            key = (row.bank_account_id, row.dated, row.amount, row.currency, _words(row.description))
            waiting[key].append(row.id)
    taken: dict[BankTransactionId, str] = {}
    for fact in facts:
        account_id = bank_account_ids.get(fact.provider_account_id)
        if account_id is None or fact.is_pending:
            continue
        same = waiting.get((account_id, fact.dated, fact.amount, fact.currency, _words(fact.description)))
        if same:
            taken[same.popleft()] = fact.provider_transaction_id
    return taken


def _words(text: str) -> str:
    return _NO_WORD.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()
