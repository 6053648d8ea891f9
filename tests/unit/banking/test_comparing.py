"""Our rows against the bank's, without either."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from openledger_server.banking.audits.comparing import differences
from openledger_server.banking.audits.types import AuditedRow, DifferenceKind

FIRST, LAST = date(2026, 3, 1), date(2026, 4, 30)
ROW = AuditedRow(
    provider_transaction_id="a",
    provider_account_id="checking",
    dated=date(2026, 4, 2),
    amount=Decimal("-12.50"),
    currency="USD",
    is_pending=False,
)


def kinds(ours: dict[str, AuditedRow], theirs: dict[str, AuditedRow]) -> list[str]:
    return [one.kind.value for one in differences(ours, theirs, first_day=FIRST, last_day=LAST)]


def test_equal_lists_have_no_differences() -> None:
    assert kinds({"a": ROW}, {"a": replace(ROW, amount=Decimal("-12.5"))}) == []


def test_what_one_side_lacks_is_named() -> None:
    assert kinds({}, {"a": ROW}) == ["missing_here"]
    assert kinds({"a": ROW}, {}) == ["missing_there"]


@pytest.mark.parametrize(
    "other",
    [
        replace(ROW, amount=Decimal("-12.51")),
        replace(ROW, dated=date(2026, 4, 3)),
        replace(ROW, is_pending=True),
        replace(ROW, currency="CAD"),
        replace(ROW, provider_account_id="savings"),
    ],
)
def test_every_field_has_to_agree(other: AuditedRow) -> None:
    (found,) = differences({"a": other}, {"a": ROW}, first_day=FIRST, last_day=LAST)
    assert (found.kind, found.here, found.there) == (DifferenceKind.DIFFERS, other, ROW)


def test_our_rows_of_other_days_count_only_if_the_bank_lists_them() -> None:
    elsewhere = replace(ROW, dated=date(2026, 2, 28))
    assert kinds({"a": elsewhere}, {}) == []
    assert kinds({"a": elsewhere}, {"a": ROW}) == ["differs"]
