"""The histories themselves: believable, consistent, the same on every day they are drawn."""

import re
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from plaid_sandbox.histories.plan import History, HistoryOrder, PlannedRow
from plaid_sandbox.histories.registry import profile_for
from plaid_sandbox.wire_rows import taxonomy

TODAY = date(2026, 11, 23)
CARD_PAYMENT = "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT"


def drawn(username: str, *, seed: int = 1, today: date = TODAY, days: int = 730) -> History:
    profile = profile_for(username)
    assert profile is not None
    order = HistoryOrder(seed=seed, username=username, today=today, since=today - timedelta(days=days))
    return profile.build(order)


def balances_day_by_day(history: History, account_key: str, *, today: date, is_owed: bool) -> dict[date, Decimal]:
    """Return the balance at the end of each day that has rows, backwards from the present one."""
    moved: defaultdict[date, Decimal] = defaultdict(Decimal)
    for row in history.rows:
        if row.account_key == account_key and row.posted_on <= today:
            moved[row.posted_on] += row.amount if is_owed else -row.amount
    held, balances = history.current[account_key], {}
    for day in sorted(moved, reverse=True):
        balances[day] = held
        held -= moved[day]
    return balances


@pytest.mark.parametrize("seed", range(1, 9))
@pytest.mark.parametrize("today", [TODAY, date(2026, 2, 28), date(2028, 7, 4)])
def test_studio_lives_within_its_means(seed: int, today: date) -> None:
    history = drawn("user_studio", seed=seed, today=today)
    assert 1_500 <= len(history.rows) <= 2_300
    assert len({(row.account_key, row.key) for row in history.rows}) == len(history.rows)
    for account_key in ("checking", "savings"):
        assert min(balances_day_by_day(history, account_key, today=today, is_owed=False).values()) >= 0
    owed = balances_day_by_day(history, "card", today=today, is_owed=True).values()
    assert 0 < max(owed) < 25_000


def test_studio_earns_a_living() -> None:
    kinds: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in drawn("user_studio").rows:
        kinds[kind_of(row)] -= row.amount
    assert 400_000 < kinds["income"] / 2 < 500_000
    assert 40_000 < (kinds["income"] + kinds["expense"]) / 2 < 90_000


def kind_of(row: PlannedRow) -> str:
    category = row.details.category or ""
    own = (
        "LOAN_PAYMENTS",
        "TRANSFER_OUT_ACCOUNT",
        "TRANSFER_OUT_SAVINGS",
        "TRANSFER_IN_ACCOUNT",
        "TRANSFER_IN_SAVINGS",
    )
    if category.startswith(own):
        return "own"
    return "income" if category.startswith(("INCOME", "TRANSFER_IN")) else "expense"


def test_studio_has_all_that_makes_bookkeeping_hard() -> None:
    rows = drawn("user_studio").rows
    categories = Counter(row.details.category for row in rows)
    for wanted in ("TRAVEL_FLIGHTS", "TRAVEL_LODGING", "FOOD_AND_DRINK_COFFEE", "GENERAL_SERVICES_INSURANCE"):
        assert categories[wanted] >= 10
    assert categories["GOVERNMENT_AND_NON_PROFIT_TAX_PAYMENT"] > 60
    assert categories[None] >= 5
    confidences = Counter(row.details.confidence for row in rows)
    assert confidences["VERY_HIGH"] + confidences["HIGH"] > 0.7 * len(rows)
    assert min(confidences["MEDIUM"], confidences["LOW"], confidences[None]) > 0
    refunds = [row for row in rows if row.amount < 0 and row.details.merchant_name is not None]
    assert len(refunds) >= 6
    looks = Counter((row.account_key, row.occurred_on, row.amount, row.details.name) for row in rows)
    assert sum(1 for count in looks.values() if count > 1) >= 24
    assert {len(one.details.check_number or "1000") for one in rows} == {4}


PERSONAS = ("user_freelancer", "user_cafe", "user_shop", "user_family")


@pytest.mark.parametrize("username", PERSONAS)
@pytest.mark.parametrize("seed", range(1, 6))
def test_personas_live_within_their_means(username: str, seed: int) -> None:
    history = drawn(username, seed=seed)
    assert 700 <= len(history.rows) <= 2_000
    assert len({(row.account_key, row.key) for row in history.rows}) == len(history.rows)
    for account_key in history.current:
        held = balances_day_by_day(history, account_key, today=TODAY, is_owed=account_key == "card").values()
        assert min(held) >= 0
    incomes = [row for row in history.rows if row.amount < 0 and str(row.details.category).startswith("INCOME")]
    assert -sum(row.amount for row in incomes) > 100_000
    trusted = [row for row in incomes if row.details.confidence in {"HIGH", "VERY_HIGH"}]
    assert len(trusted) > 0.8 * len(incomes)


@pytest.mark.parametrize("username", PERSONAS)
def test_past_of_personas_is_the_same_when_seen_later(username: str) -> None:
    now, later = drawn(username), drawn(username, today=TODAY + timedelta(days=40), days=770)
    settled = {(row.account_key, row.key): row for row in now.rows if row.posted_on <= TODAY}
    again = {(row.account_key, row.key): row for row in later.rows if row.posted_on <= TODAY}
    assert again == settled


def test_studio_is_sure_of_most_of_its_income() -> None:
    rows = [row for row in drawn("user_studio").rows if str(row.details.category).startswith("INCOME")]
    confidences = Counter(row.details.confidence for row in rows)
    assert confidences["VERY_HIGH"] + confidences["HIGH"] > 0.75 * len(rows)
    assert min(confidences["MEDIUM"], confidences["LOW"]) > 5


def test_every_category_is_plaids() -> None:
    for username in ("user_studio", "user_good", "user_history_500", "user_transactions_dynamic", *PERSONAS):
        used = {row.details.category for row in drawn(username).rows} - {None}
        assert used <= set(taxonomy())


def test_descriptors_look_like_a_banks() -> None:
    for row in [row for username in ("user_studio", *PERSONAS) for row in drawn(username).rows]:
        assert re.fullmatch(r"[A-Z0-9 *.,:;#&@/+_'-]{4,60}", row.details.name), row.details.name


def test_own_transfers_have_two_legs() -> None:
    rows = drawn("user_studio").rows
    outs = {"checking": "TO SAV", "savings": "TO CHK ...4402"}
    ins = {"checking": "FROM SAV", "savings": "FROM CHK"}
    for source, target in (("checking", "savings"), ("savings", "checking")):
        left = [row for row in rows if row.account_key == source and outs[source] in row.details.name]
        came = [row for row in rows if row.account_key == target and ins[target] in row.details.name]
        assert len(left) >= 3
        assert sorted(row.amount for row in left) == sorted(-row.amount for row in came)


def test_card_payments_meet_after_two_or_three_days() -> None:
    rows = [row for row in drawn("user_studio").rows if row.details.category == CARD_PAYMENT]
    paid = {row.amount: row.posted_on for row in rows if row.account_key == "checking"}
    received = {-row.amount: row.posted_on for row in rows if row.account_key == "card"}
    gaps = Counter((received[amount] - paid[amount]).days for amount in paid.keys() & received.keys())
    assert sum(gaps.values()) >= 23
    assert set(gaps) <= {2, 3}


def test_a_handful_is_pending_at_the_end() -> None:
    counts = []
    for later in range(14):
        today = TODAY + timedelta(days=later)
        pending = [row for row in drawn("user_studio", today=today).rows if row.posted_on > today]
        assert all(row.occurred_on <= today for row in pending)
        counts.append(len(pending))
    assert max(counts) >= 4
    assert max(counts) <= 20


def test_past_is_the_same_when_seen_later() -> None:
    now, later = drawn("user_studio"), drawn("user_studio", today=TODAY + timedelta(days=40))
    settled = {(row.account_key, row.key): row for row in now.rows if row.posted_on <= TODAY}
    since = TODAY + timedelta(days=40 - 730)
    again = {(row.account_key, row.key): row for row in later.rows if row.posted_on <= TODAY}
    assert again == {key: row for key, row in settled.items() if row.posted_on >= since}
    assert {(row.account_key, row.key) for row in now.rows if row.posted_on > TODAY} <= {
        (row.account_key, row.key) for row in later.rows
    }


def test_bulk_user_has_exactly_n_rows_over_24_months() -> None:
    rows = drawn("user_history_10000").rows
    assert len(rows) == 10_000
    assert (min(row.posted_on for row in rows), max(row.posted_on for row in rows)) == (
        TODAY - timedelta(days=729),
        TODAY,
    )
