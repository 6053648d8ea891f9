"""What one sync fetches: all changes since a cursor, the last word on each row, packed until they are stored."""

import pickle
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, TypeVar

from openledger_server.banking.feed import BankFeed, PaginationMutatedError
from openledger_server.banking.types import (
    BankAccountFact,
    BankTransactionFact,
    ItemHealth,
    TransactionPage,
    UpdateStatus,
)

_Value = TypeVar("_Value")

RESTARTS_MAX = 3
# The quickest level: rows of banks are so alike that the others win little.
_COMPRESSION = 1


class RowMark(NamedTuple):
    """What has to be known of a row before it is stored."""

    page: int
    """The page that has the last word on it."""
    provider_account_id: str
    pending_provider_id: str | None
    is_pending: bool
    dated: date


@dataclass(slots=True)
class Changes:
    """All changes of one loop, folded: the last word on each row counts.

    A long history is much memory, as objects some 9 KB a row. Pages are therefore packed as they come, to a few hundred
    bytes a row, and unpacked one at a time; only a mark of each row stays at hand.
    """

    upserted: dict[str, RowMark] = field(default_factory=dict)
    removed: dict[str, None] = field(default_factory=dict)
    bank_accounts: dict[str, BankAccountFact] = field(default_factory=dict)
    first_cursor: str = ""
    next_cursor: str = ""
    update_status: UpdateStatus = UpdateStatus.UNKNOWN
    health: ItemHealth | None = None
    pages: int = 0
    restarts: int = 0
    _packed: list[bytes] = field(default_factory=list)
    _shared: dict[object, object] = field(default_factory=dict)

    @property
    def is_snapshot(self) -> bool:
        """Whether these are all rows the bank has, not changes since some earlier state."""
        return self.first_cursor == "" and self.pages > 0 and self.update_status is UpdateStatus.HISTORICAL

    def fold(self, page: TransactionPage) -> None:
        """Take a page in; within it the provider's removals have the last word."""
        for fact in page.upserted:
            self.upserted[fact.provider_transaction_id] = self._mark(fact)
            self.removed.pop(fact.provider_transaction_id, None)
        for provider_transaction_id in page.removed:
            self.upserted.pop(provider_transaction_id, None)
            self.removed[provider_transaction_id] = None
        self._packed.append(zlib.compress(pickle.dumps(page.upserted, pickle.HIGHEST_PROTOCOL), _COMPRESSION))
        self.bank_accounts.update({fact.provider_account_id: fact for fact in page.bank_accounts})
        self.next_cursor = page.next_cursor or self.first_cursor
        self.update_status = page.update_status
        self.pages += 1

    def facts(self, is_wanted: Callable[[str, RowMark], bool]) -> Iterator[BankTransactionFact]:
        """Yield the last word on each row that is wanted, in the order in which the provider sent them."""
        for number, packed in enumerate(self._packed):
            facts: tuple[BankTransactionFact, ...] = pickle.loads(zlib.decompress(packed))  # noqa: S301 - our own
            # A row that is on the page twice counts at its last place there.
            for fact in {fact.provider_transaction_id: fact for fact in facts}.values():
                mark = self.upserted.get(fact.provider_transaction_id)
                if mark is not None and mark.page == number and is_wanted(fact.provider_transaction_id, mark):
                    yield fact

    def forget_facts(self) -> None:
        """Give back the memory of the rows once they are stored."""
        self._packed.clear()
        self.upserted.clear()

    def _mark(self, fact: BankTransactionFact) -> RowMark:
        return RowMark(
            page=self.pages,
            provider_account_id=self._once(fact.provider_account_id),
            pending_provider_id=fact.pending_provider_id,
            is_pending=fact.is_pending,
            dated=self._once(fact.dated),
        )

    def _once(self, value: _Value) -> _Value:
        """Return the value that is kept for all that are equal to it."""
        return self._shared.setdefault(value, value)  # type: ignore[return-value]  # equal ones are of one type here


async def fetch_changes(feed: BankFeed, access_token: str, *, cursor: str) -> Changes:
    """Return all changes since `cursor`; if the data change meanwhile, start again from there, not from the middle.

    Raises:
        FeedError: if the provider fails, or the data go on changing.
    """
    restarts = 0
    while True:
        changes = Changes(first_cursor=cursor, next_cursor=cursor, restarts=restarts)
        try:
            async for page in feed.transaction_pages(access_token, cursor=cursor):
                changes.fold(page)
        except PaginationMutatedError:
            restarts += 1
            if restarts > RESTARTS_MAX:
                raise
            continue
        return changes
