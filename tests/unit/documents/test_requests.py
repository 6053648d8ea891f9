"""Requests for files: what a link carries is what was asked for."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openledger_server.documents.requests import (
    LedgerAccountRequiredError,
    NoCashBasisError,
    ReportName,
    ReportRequest,
    request_of,
)
from openledger_server.reports.periods import Comparison
from openledger_server.reports.types import Basis, Period, View

YEAR = Period(since=date(2025, 1, 1), until=date(2026, 1, 1))


@given(
    report=st.sampled_from([name for name in ReportName if name is not ReportName.ACCOUNT_TRANSACTIONS]),
    comparison=st.sampled_from([None, *Comparison]),
    month=st.integers(1, 12),
    with_zero_rows=st.booleans(),
)
def test_a_link_carries_the_whole_request(
    report: ReportName, comparison: Comparison | None, month: int, *, with_zero_rows: bool
) -> None:
    view = View(currency="EUR", fiscal_year_month=month, with_zero_rows=with_zero_rows)
    request = ReportRequest(report=report, period=YEAR, view=view, comparison=comparison)
    assert request_of(request.parameters()) == request


def test_a_link_carries_the_ledger_account_and_the_basis() -> None:
    one = ReportRequest(
        report=ReportName.ACCOUNT_TRANSACTIONS, period=YEAR, view=View(currency="USD"), ledger_account_id=17
    )
    assert request_of(one.parameters()) == one
    cash = ReportRequest(report=ReportName.BALANCE_SHEET, period=YEAR, view=View(currency="USD", basis=Basis.CASH))
    assert request_of(cash.parameters()) == cash


def test_a_ledger_account_belongs_to_one_report_only() -> None:
    with pytest.raises(LedgerAccountRequiredError):
        ReportRequest(report=ReportName.ACCOUNT_TRANSACTIONS, period=YEAR, view=View(currency="USD"))
    with pytest.raises(LedgerAccountRequiredError):
        ReportRequest(report=ReportName.SPENDING, period=YEAR, view=View(currency="USD"), ledger_account_id=1)


def test_the_ledger_has_no_cash_basis() -> None:
    with pytest.raises(NoCashBasisError):
        ReportRequest(report=ReportName.GENERAL_LEDGER, period=YEAR, view=View(currency="USD", basis=Basis.CASH))
