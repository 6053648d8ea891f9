"""What a report is asked for: period, currency, basis, comparison, the same way for all reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query
from pydantic import BeforeValidator, Field

from openledger_server.access import store as access
from openledger_server.api.wire import CurrencyCode, Wire
from openledger_server.base import db
from openledger_server.base.errors import InvalidError
from openledger_server.reports.periods import Comparison, compared_periods, requested_period
from openledger_server.reports.types import Basis, OpeningBalances, Period, PostingQuery, Valuation, View

_DATE_LENGTH = 10


class BasisError(InvalidError):
    """There is no such basis, or this report has none."""

    code = "UNKNOWN_BASIS"


class ValuationError(InvalidError):
    """There is no such valuation."""

    code = "UNKNOWN_VALUATION"


class ComparisonError(InvalidError):
    """There is no such comparison."""

    code = "UNKNOWN_COMPARISON"


def _day(value: object) -> object:
    # Published clients send instants where a day is meant; the day is the one that is written, in whichever zone.
    if isinstance(value, str) and len(value) > _DATE_LENGTH and value[_DATE_LENGTH] in "T ":
        datetime.fromisoformat(value)
        return value[:_DATE_LENGTH]
    return value


Day = Annotated[date, BeforeValidator(_day)]
StartDate = Annotated[Day | None, Query(alias="startDate", description="First day; with endDate.")]
EndDate = Annotated[Day | None, Query(alias="endDate", description="Last day, included.")]
Currency = Annotated[
    CurrencyCode | None, Query(description="Only what is booked in it. Left out: everything, in the entity's own.")
]


class ReportPeriod(Wire):
    """The days a report covers, the last one included."""

    month: int | None = Field(description="As asked for.")
    year: int | None = Field(description="As asked for.")
    start_date: date
    end_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a caller wants of any report, as it came."""

    month: int | None
    year: int | None
    start_date: date | None
    end_date: date | None
    currency: str | None
    basis: Basis
    comparison: Comparison | None
    with_zero_rows: bool
    valuation: Valuation


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The same, made out for one entity on one day."""

    asked: Asked
    period: Period
    compared: tuple[Period, ...]
    view: View

    @property
    def wire_period(self) -> ReportPeriod:
        """Return the period as it is answered."""
        return wire_period(self.period, month=self.asked.month, year=self.asked.year)


def _asked(
    *,
    month: Annotated[int | None, Query(description="1 to 12, of this year unless there is a year.")] = None,
    year: Annotated[int | None, Query(description="The whole calendar year if there is no month.")] = None,
    start_date: StartDate = None,
    end_date: EndDate = None,
    currency: Currency = None,
    basis: Annotated[str, Query(description="accrual or cash.")] = Basis.ACCRUAL.value,
    comparison: Annotated[
        str | None, Query(description="previous_period, previous_year, months or quarters: columns beside it.")
    ] = None,
    with_zero_rows: Annotated[
        bool, Query(alias="zeroRows", description="Show ledger accounts without any amount too.")
    ] = False,
    valuation: Annotated[
        str,
        Query(
            description="Foreign money on the balance sheet: closing, at the exchange rates of its day, or cost, at its"
            " worth when it was posted."
        ),
    ] = Valuation.CLOSING.value,
) -> Asked:
    return Asked(
        month=month,
        year=year,
        start_date=start_date,
        end_date=end_date,
        currency=currency,
        basis=_basis(basis),
        comparison=_comparison(comparison),
        with_zero_rows=with_zero_rows,
        valuation=valuation_named(valuation),
    )


AskedReport = Annotated[Asked, Depends(_asked)]


async def request_of(conn: db.ReadConnection, asked: Asked, *, entity_id: int, now: datetime) -> Request:
    """Return what is asked for, with what the entity decides: its currency and its fiscal year.

    Raises:
        PeriodError, TooManyColumnsError: if the dates make no period, or the comparison too many.
    """
    entity = await access.entity(conn, entity_id=entity_id)
    period = requested_period(
        today=entity.today(now),
        month=asked.month,
        year=asked.year,
        start_date=asked.start_date,
        end_date=asked.end_date,
        fiscal_year_month=entity.details.fiscal_year_start_month,
    )
    return Request(
        asked=asked,
        period=period,
        compared=compared_periods(period, asked.comparison),
        view=View(
            currency=asked.currency or entity.details.base_currency,
            is_translated=asked.currency is None,
            fiscal_year_month=entity.details.fiscal_year_start_month,
            basis=asked.basis,
            with_zero_rows=asked.with_zero_rows,
            valuation=asked.valuation,
        ),
    )


def refuse_cash_basis(asked: Asked, report: str) -> None:
    """Refuse cash basis for a report that shows the ledger as it is.

    Raises:
        BasisError: if cash basis is asked for.
    """
    if asked.basis is Basis.CASH:
        raise BasisError(f"The {report} shows the ledger as booked; there is no cash basis of it.")


def wire_period(period: Period, *, month: int | None = None, year: int | None = None) -> ReportPeriod:
    """Return a period as it is answered."""
    return ReportPeriod(month=month, year=year, start_date=period.since, end_date=period.last_day)


def postings_link(query: PostingQuery | None, *, entity_id: int) -> str | None:
    """Return the address, without host, of the postings that a figure is made of."""
    if query is None:
        return None
    parts: dict[str, object] = {"entityId": entity_id}
    if query.ledger_account_ids:
        parts["ledgerAccountIds"] = ",".join(str(account) for account in query.ledger_account_ids)
    if query.types:
        parts["types"] = ",".join(type_.value for type_ in query.types)
    if query.since is not None:
        parts["startDate"] = query.since
    parts["endDate"] = date.fromordinal(query.until.toordinal() - 1)
    if not query.is_translated:
        parts["currency"] = query.currency
    parts["positive"] = "debit" if query.sign > 0 else "credit"
    if query.opening_balances is not OpeningBalances.INCLUDED:
        parts["openingBalances"] = query.opening_balances.value
    return f"/v1/reports/postings?{urlencode(parts, safe=',')}"


_BASES: Mapping[str, Basis] = {basis.value: basis for basis in Basis}
_COMPARISONS: Mapping[str, Comparison] = {comparison.value: comparison for comparison in Comparison}


def _basis(text: str) -> Basis:
    basis = _BASES.get(text.strip().upper())
    if basis is None:
        raise BasisError("basis is accrual or cash.")
    return basis


def valuation_named(text: str) -> Valuation:
    """Return the valuation of this name, in any case.

    Raises:
        ValuationError: if there is none.
    """
    try:
        return Valuation(text.strip().lower())
    except ValueError:
        raise ValuationError("valuation is closing or cost.") from None


def _comparison(text: str | None) -> Comparison | None:
    if text is None:
        return None
    comparison = _COMPARISONS.get(text.strip().lower().replace("-", "_"))
    if comparison is None:
        raise ComparisonError(f"comparison is one of {', '.join(_COMPARISONS)}.")
    return comparison
