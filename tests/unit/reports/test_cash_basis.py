"""Cash basis on small ledgers, computed by hand in the docstrings (debit positive, cents)."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from openledger_server.ledger.types import LedgerAccountId
from openledger_server.reports.cash_basis import OpenItemEntry, shifts_to_cash

AR, AP, SALES, SERVICE, RENT = (LedgerAccountId(code) for code in (1100, 2000, 4000, 4010, 6600))


def entry(day: int, open_items: dict[LedgerAccountId, int], profit: dict[LedgerAccountId, int]) -> OpenItemEntry:
    return OpenItemEntry(dated=date(2026, 5, day), open_items=open_items, profit=profit)


def shifts(*entries: OpenItemEntry) -> list[tuple[int, dict[LedgerAccountId, int]]]:
    return [(shift.dated.day, dict(shift.amounts)) for shift in shifts_to_cash(entries)]


def test_a_sale_counts_when_it_is_paid() -> None:
    """
    1 May  1100  1,000  4000 -1,000     taken out:  4000 +1,000  1100 -1,000
    9 May  cash    400  1100   -400     comes in:   4000   -400  1100   +400
    20 May cash    600  1100   -600     comes in:   4000   -600  1100   +600
    """
    assert shifts(entry(1, {AR: 1000}, {SALES: -1000}), entry(9, {AR: -400}, {}), entry(20, {AR: -600}, {})) == [
        (1, {SALES: 1000, AR: -1000}),
        (9, {SALES: -400, AR: 400}),
        (20, {SALES: -600, AR: 600}),
    ]


def test_a_bill_counts_when_it_is_paid_and_the_oldest_first() -> None:
    """
    1 May  6600 300, 2000 -300;  2 May  6600 200, 2000 -200;  9 May  2000 400, cash -400
    the payment settles all of the first bill and half of the second
    """
    assert shifts(entry(1, {AP: -300}, {RENT: 300}), entry(2, {AP: -200}, {RENT: 200}), entry(9, {AP: 400}, {})) == [
        (1, {RENT: -300, AP: 300}),
        (2, {RENT: -200, AP: 200}),
        (9, {RENT: 400, AP: -400}),
    ]


def test_parts_are_rounded_and_the_last_gets_the_rest() -> None:
    """
    1 May  1100 100, 4000 -33, 4010 -67;  paid in 3 parts of 33, 33 and 34
    33 %: 10.89 and 22.11 -> 11 and 22;  33 of the remaining 67: 22 and 45 -> 10.84 and 22.16 -> 11 and 22;  rest 11, 23
    """
    found = shifts(
        entry(1, {AR: 100}, {SALES: -33, SERVICE: -67}),
        entry(2, {AR: -33}, {}),
        entry(3, {AR: -33}, {}),
        entry(4, {AR: -34}, {}),
    )
    assert [(amounts[SALES], amounts[SERVICE]) for _, amounts in found] == [
        (33, 67),
        (-11, -22),
        (-11, -22),
        (-11, -23),
    ]


def test_what_was_paid_at_once_counts_at_once() -> None:
    """1 May  1100 600, cash 400, 4000 -1,000: only the 600 wait."""
    assert shifts(entry(1, {AR: 600}, {SALES: -1000})) == [(1, {SALES: 600, AR: -600})]


def test_a_credit_note_takes_back_what_never_counted() -> None:
    """1 May  1100 500, 4000 -500;  5 May  4000 200, 1100 -200: neither of the 200 ever counts."""
    found = shifts(entry(1, {AR: 500}, {SALES: -500}), entry(5, {AR: -200}, {SALES: 200}))
    assert found == [(1, {SALES: 500, AR: -500}), (5, {SALES: -200, AR: 200})]


def test_a_prepayment_waits_for_its_invoice() -> None:
    """1 May  cash 300, 1100 -300: nothing counts;  7 May  1100 300, 4000 -300: counts at once, so no shift."""
    assert shifts(entry(1, {AR: -300}, {}), entry(7, {AR: 300}, {SALES: -300})) == []


_MINOR = st.integers(-(10**9), 10**9)
_ENTRIES = st.lists(
    st.tuples(st.sampled_from((AR, AP)), _MINOR, st.dictionaries(st.sampled_from((SALES, SERVICE, RENT)), _MINOR)),
    max_size=30,
)


@given(_ENTRIES)
def test_every_shift_balances_and_what_is_settled_counts_in_full(
    rows: list[tuple[LedgerAccountId, int, dict[LedgerAccountId, int]]],
) -> None:
    entries = [
        OpenItemEntry(dated=date(2026, 1, 1) + timedelta(days=day), open_items={account: amount}, profit=profit)
        for day, (account, amount, profit) in enumerate(rows)
    ]
    open_items: Counter[LedgerAccountId] = Counter()
    for each in entries:
        open_items.update(each.open_items)
    # Payments that bring both accounts to zero settle everything.
    last = date(2027, 1, 1)
    entries += [
        OpenItemEntry(dated=last, open_items={account: -amount}, profit={}) for account, amount in open_items.items()
    ]
    whole: Counter[LedgerAccountId] = Counter()
    for shift in shifts_to_cash(entries):
        assert sum(shift.amounts.values()) == 0
        whole.update(shift.amounts)
    assert not any(whole.values())
