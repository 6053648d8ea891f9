"""What a history is made of: planned bank accounts and planned rows, before they have ids."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Channel = Literal["online", "in store", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAccount:
    """The unchanging facts of one bank account."""

    key: str
    """Names the bank account within its user; ids are derived from it."""
    name: str
    official_name: str | None
    mask: str | None
    type: str
    subtype: str
    limit: Decimal | None = None
    has_available: bool = True
    """False: the bank reports no available balance."""
    currency: str = "USD"
    holder_category: Literal["business", "personal"] = "personal"
    forced_available: Decimal | None = None
    """An available balance the bank reports whatever its rows say."""

    @property
    def has_bank_transactions(self) -> bool:
        """Whether the rows of this bank account belong in `/transactions/sync`."""
        return self.type in {"depository", "credit", "loan"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a purchase happened."""

    city: str
    region: str
    address: str | None = None
    postal_code: str | None = None
    country: str = "US"
    lat: float | None = None
    lon: float | None = None
    store_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a row says besides bank account, amount and dates. Shared by many rows."""

    name: str
    """The bank's raw text."""
    category: str | None = None
    """Detailed personal finance category, or `None` if Plaid has no idea."""
    confidence: str | None = "VERY_HIGH"
    merchant_name: str | None = None
    website: str | None = None
    counterparty: str | None = None
    """Name of a counterparty that is no merchant; a merchant is its own counterparty."""
    counterparty_type: str = "merchant"
    channel: Channel = "other"
    place: Place | None = None
    payment_meta: tuple[tuple[str, str], ...] = ()
    """Keys of Plaid's payment_meta that are not null."""
    check_number: str | None = None
    original: str | None = None
    """The raw text when `name` is a cleaned one; else `name` is the raw text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """One bank transaction of a plan. `amount` has Plaid's sign: positive = money leaves the bank account."""

    key: str
    """Unique within the user's whole history and the same on every day it is planned."""
    account_key: str
    amount: Decimal
    occurred_on: date
    posted_on: date
    """A day after the plan's today makes the row pending."""
    details: Details


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Rows up to a day, and what each bank account holds with all posted rows of it counted."""

    rows: Sequence[PlannedRow]
    current: Mapping[str, Decimal]
    """By account key, from the bank's viewpoint: money held, or money owed for credit and loan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryOrder:
    """Which history is wanted: the rows of the days from `since` to `today`, both inclusive."""

    seed: int
    username: str
    today: date
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Mfa:
    """What a bank asks for after the password."""

    type: Literal["device", "questions", "selections"]
    rounds: int = 1
    per_round: int = 1
    options: int = 2
    """How many answers a selection offers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A user of the sandbox: the bank accounts behind a login, and how their history comes about."""

    accounts: tuple[PlannedAccount, ...]
    build: Callable[[HistoryOrder], History]
    grows: bool = False
    """Whether the history goes on as the days pass, with all that happens to rows at a real bank."""
    default_key: str | None = None
    """The bank account that rows made by hand land on, if not a checking account."""
    mfa: "Mfa | None" = None
    """What the bank asks for after the password."""
