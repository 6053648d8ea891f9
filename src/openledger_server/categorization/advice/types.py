"""The port to a language model, and what is asked and answered."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from openledger_server.banking.types import BankTransactionId
from openledger_server.base.errors import UpstreamError


class AdvisorError(UpstreamError):
    """The language model did not answer: out of reach, too slow, too busy, or it refused the key. Nothing is lost."""

    code = "ADVISOR_UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a language model wrote. Both counts are what its maker charges for; None if it did not say."""

    text: str
    input_tokens: int | None
    output_tokens: int | None


class Advisor(Protocol):
    """A language model."""

    @property
    def model(self) -> str:
        """Return its name, which is kept with each answer."""
        ...

    async def reply(self, *, system: str, text: str, tokens_max: int) -> Reply:
        """Return what it writes to this, at most `tokens_max` tokens.

        Raises:
            AdvisorError: if it does not answer in time, or not at all.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What a language model costs: millionths of a US dollar per million tokens."""

    input_microusd: int
    output_microusd: int

    def cost(self, input_tokens: int, output_tokens: int) -> int:
        """Return millionths of a US dollar, rounded up."""
        return -(-(input_tokens * self.input_microusd + output_tokens * self.output_microusd) // 1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceDesk:
    """A language model and its prices."""

    advisor: Advisor
    prices: Prices


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRow:
    """A bank transaction that nobody is sure of."""

    id: BankTransactionId
    is_inflow: bool
    description: str
    merchant_name: str | None
    amount_size: int
    """Its size in major units, without the sign."""
    bank_account_type: str


class Outcome(StrEnum):
    """What came of asking about one row."""

    SUGGESTED = "suggested"
    ABSTAINED = "abstained"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """The answer about one row."""

    bank_transaction_id: BankTransactionId
    asked: dict[str, str]
    code: str | None
    outcome: Outcome
    ledger_account_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAdvice:
    """An answer from before about a row that nobody is sure of, again or still."""

    row: OpenRow
    asked: dict[str, str]
    """What was sent about it then."""
    code: str
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What a language model's answer is shown as."""

    bank_transaction_id: BankTransactionId
    ledger_account_id: int
    model: str

    @property
    def reason(self) -> str:
        """Return why it is suggested, for people."""
        return f"The language model {self.model} thinks so from the counterparty's name; please check."


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What an entity allows and has spent this month, in millionths of a US dollar."""

    monthly_cap_microusd: int
    spent_microusd: int
    requests: int
