"""What listings and series are made of: ledger pages, spending, cash over time, the overview."""

from dataclasses import dataclass
from datetime import date

from openledger_server.ledger.types import JournalEntry, LedgerAccountType
from openledger_server.reports.types import Period, PostingQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPosting:
    """One posting with the entry it belongs to. Minor units, debit positive."""

    dated: date
    journal_entry_id: int
    line: int
    ledger_account_id: int
    description: str
    source_ref: str
    """What the entry records, e.g. bank_transaction:<id>:<version>."""
    reverses_id: int | None
    amount_minor: int
    """In the currency of the list; in a translated one its worth in the base currency."""
    currency: str
    original_minor: int
    """As it was booked, in `currency`."""
    other_accounts: tuple[str, ...]
    """The names of the entry's other ledger accounts, as they come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One posting on a ledger account's page and the account's balance after it, debit positive."""

    posting: ListedPosting
    running_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesPage:
    """A part of the journal: entries of a period by date and then in the order in which they were made."""

    entries: tuple[JournalEntry, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingsPage:
    """A part of the postings that a figure is made of, oldest first."""

    query: PostingQuery
    total_minor: int
    """The figure: `sign` times the sum of all these postings, of all pages."""
    postings: tuple[ListedPosting, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerAccountPage:
    """A ledger account's postings of a period, or a part of them, with running balance. Minor units, debit positive."""

    ledger_account_id: int
    code: int
    name: str
    type: LedgerAccountType
    subtype: str
    opening_minor: int
    """Before the period's first posting."""
    closing_minor: int
    """After its last."""
    debits_minor: int
    credits_minor: int
    rows: tuple[LedgerRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneralLedgerPage:
    """A part of the general ledger: accounts in the order of their codes, each with postings by date."""

    period: Period
    currency: str
    accounts: tuple[LedgerAccountPage, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendingLine:
    """What went to one category or counterparty. Minor units, positive = spent; refunds are taken off."""

    id: str | None
    """The ledger account's id; None for counterparties and the rest."""
    name: str
    amount_minor: int
    before_minor: int
    """The same in the period before."""
    postings_count: int
    postings: PostingQuery | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """Expenses of a period, largest first; `total_minor` is the income statement's total."""

    period: Period
    before: Period
    currency: str
    lines: tuple[SpendingLine, ...]
    total_minor: int
    total_before_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CashPoint:
    """What the cash accounts hold at the end of one day. Minor units."""

    day: date
    total_minor: int
    by_account: tuple[int, ...]
    """In the order of `CashPosition.accounts`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CashPosition:
    """Cash over time: the ledger accounts of subtype Bank at the end of each interval."""

    period: Period
    currency: str
    accounts: tuple[tuple[str, str], ...]
    """(ledger account id, name)."""
    points: tuple[CashPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One interval of the overview. Minor units, positive in their own sense."""

    period: Period
    revenue_minor: int
    expenses_minor: int
    cash_minor: int
    """What the cash accounts hold at its end."""

    @property
    def profit_minor(self) -> int:
        """Return revenue less expenses."""
        return self.revenue_minor - self.expenses_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The key figures of a period."""

    period: Period
    currency: str
    months: tuple[Flow, ...]
    intervals: tuple[Flow, ...]
    """The same by the interval asked for."""
    cash_minor: int
    """What the cash accounts hold at the end of the period."""

    @property
    def revenue_minor(self) -> int:
        """Return the revenue of the whole period."""
        return sum(month.revenue_minor for month in self.months)

    @property
    def expenses_minor(self) -> int:
        """Return the expenses of the whole period."""
        return sum(month.expenses_minor for month in self.months)
