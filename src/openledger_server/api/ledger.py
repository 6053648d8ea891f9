"""The ledger itself: an account's balance at any time, whether the books are sound, what other currencies are worth."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, Field

from openledger_server.access.types import parse_id
from openledger_server.api.auth import EntityScope
from openledger_server.api.context import Context
from openledger_server.api.errors import failures
from openledger_server.api.wire import Wire, minor_text
from openledger_server.base import db
from openledger_server.bookkeeping.verification import store as verification
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import LedgerAccountId
from openledger_server.reports.currency_position import CurrencyHolding, currency_position

router = APIRouter(tags=["Ledger"], responses=failures(400, 401, 404))

_DAY_MAX = date(9998, 12, 31)
AsOf = Annotated[
    date | None, Query(alias="asOf", le=_DAY_MAX, description="The last day that counts; today if left out.")
]


class CurrencyBalance(Wire):
    """What an account's postings in one currency add up to, as exact decimals; debit is positive."""

    currency: str
    debits: str
    credits: str
    balance: str
    base_balance: str = Field(description="Worth in the entity's base currency, at the rates of the postings' days.")


class LedgerBalance(Wire):
    """One ledger account's balance at a point in time."""

    ledger_account_id: str
    name: str
    as_of: date
    known_at: datetime | None
    base_currency: str
    balances: list[CurrencyBalance] = Field(description="One per currency; empty if nothing was posted.")


class Finding(Wire):
    """A rule that does not hold, and for which thing."""

    check: str
    subject: str


class LastVerification(Wire):
    """What the nightly check of the books found. All null before the first one."""

    verified_at: datetime | None
    is_sound: bool | None
    findings: list[Finding]
    head: str | None = Field(
        description="The end of the digest chain then, BATCH:SHA256; noted elsewhere, it proves that nothing was cut."
    )


class HoldingAnswer(Wire):
    """What one ledger account holds or owes in another currency; debit is positive."""

    ledger_account_id: str
    name: str
    currency: str
    amount: str
    carried: str = Field(description="Worth in the base currency at the rates of the postings' days.")
    rate: Decimal | None = Field(description="Base currency per unit on the day; null if none is known.")
    worth: str | None = Field(description="Worth in the base currency at that rate.")
    unrealised: str = Field(description="Exchange difference so far; a gain is positive.")


class CurrencyPositionAnswer(Wire):
    """What everything is worth in the base currency: assets = liabilities + equity + earnings + unrealised."""

    as_of: date
    base_currency: str
    assets: str
    liabilities: str
    equity: str
    earnings: str
    unrealised: str
    holdings: list[HoldingAnswer]


@router.get("/v1/ledger-accounts/{ledgerAccountId}/balance", summary="A ledger account's balance at a point in time")
async def get_balance(
    context: Context,
    entity_id: EntityScope,
    ledger_account_id: Annotated[str, Path(alias="ledgerAccountId")],
    as_of: AsOf = None,
    known_at: Annotated[
        AwareDatetime | None, Query(alias="knownAt", description="As the books said at that instant; now if left out.")
    ] = None,
) -> LedgerBalance:
    """Return what an account's postings up to a day add up to, as known now or at an earlier instant."""
    day = as_of or context.services.now().date()
    number = LedgerAccountId(parse_id(ledger_account_id) or 0)
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        account = await ledger.ledger_account(conn, entity_id=entity_id, ledger_account_id=number)
        base_currency = await ledger.base_currency(conn, entity_id=entity_id)
        totals = await ledger.account_balance(
            conn, entity_id=entity_id, ledger_account_id=number, as_of=day, known_at=known_at
        )
    return LedgerBalance(
        ledger_account_id=str(account.id),
        name=account.name,
        as_of=day,
        known_at=known_at,
        base_currency=base_currency,
        balances=[
            CurrencyBalance(
                currency=total.currency,
                debits=minor_text(total.debits_minor, total.currency),
                credits=minor_text(total.credits_minor, total.currency),
                balance=minor_text(total.net_minor, total.currency),
                base_balance=minor_text(total.base_net_minor, base_currency),
            )
            for total in totals
        ],
    )


@router.get("/v1/ledger/verification", summary="Whether the books are sound")
async def get_verification(context: Context, entity_id: EntityScope) -> LastVerification:
    """Return what the last nightly check of every rule, total, statement and digest found."""
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        last = await verification.last_verification(conn, entity_id=entity_id)
    if last is None:
        return LastVerification(verified_at=None, is_sound=None, findings=[], head=None)
    return LastVerification(
        verified_at=last.verified_at,
        is_sound=last.is_sound,
        findings=[Finding(check=one["check"], subject=one["subject"]) for one in last.findings],
        head=None if last.head_sha256 is None else f"{last.head_batch}:{last.head_sha256.hex()}",
    )


@router.get("/v1/reports/currency-position", summary="What everything is worth in the base currency")
async def get_currency_position(context: Context, entity_id: EntityScope, as_of: AsOf = None) -> CurrencyPositionAnswer:
    """Return the books' totals in the base currency, what is held in others, and the unrealised differences on it."""
    day = as_of or context.services.now().date()
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        found = await currency_position(conn, entity_id=entity_id, as_of=day)
    base = found.base_currency
    return CurrencyPositionAnswer(
        as_of=found.as_of,
        base_currency=base,
        assets=minor_text(found.assets_minor, base),
        liabilities=minor_text(found.liabilities_minor, base),
        equity=minor_text(found.equity_minor, base),
        earnings=minor_text(found.earnings_minor, base),
        unrealised=minor_text(found.unrealised_minor, base),
        holdings=[_holding(one, base) for one in found.holdings],
    )


def _holding(one: CurrencyHolding, base_currency: str) -> HoldingAnswer:
    return HoldingAnswer(
        ledger_account_id=str(one.account.id),
        name=one.account.name,
        currency=one.currency,
        amount=minor_text(one.amount_minor, one.currency),
        carried=minor_text(one.carried_minor, base_currency),
        rate=one.rate,
        worth=None if one.worth_minor is None else minor_text(one.worth_minor, base_currency),
        unrealised=minor_text(one.unrealised_minor, base_currency),
    )
