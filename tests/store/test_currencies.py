"""Books in several currencies: what each posting is worth, what exchanges cost, and what waits for a rate.

The base currency is USD. Rates are USD per unit: EUR 1.10 from 1 March and 1.12 from 10 March, JPY 0.0067, KWD 3.25.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from openledger_server.banking import store as banking
from openledger_server.banking.rows import BankAccountRow
from openledger_server.base import db
from openledger_server.base.db import Pool
from openledger_server.bookkeeping.types import HoldReason
from openledger_server.ledger import store as ledger
from openledger_server.ledger.rates.types import ExchangeRate
from openledger_server.ledger.types import LedgerAccountType
from openledger_server.reports.balance_sheet import balance_sheets
from openledger_server.reports.currency_position import currency_position
from openledger_server.reports.types import BalanceSheet, Basis, Valuation, View
from openledger_server.workflows.add_category import NewAccount, add_category
from openledger_server.workflows.bank_account_settings import change_settings
from openledger_server.workflows.load_rates import load_rates
from openledger_server.workflows.set_category import set_category
from openledger_server.workflows.verify_books import verify_books
from tests.support.database import Database
from tests.support.entities import open_entity
from tests.support.memory_bank import NOW, MemoryAccount, MemoryBank, MemoryFeed, link_memory_bank, memory_services

RATES = (
    ExchangeRate(currency="EUR", dated=date(2026, 3, 1), rate=Decimal("1.10")),
    ExchangeRate(currency="EUR", dated=date(2026, 3, 10), rate=Decimal("1.12")),
    ExchangeRate(currency="JPY", dated=date(2026, 3, 1), rate=Decimal("0.0067")),
    ExchangeRate(currency="KWD", dated=date(2026, 3, 1), rate=Decimal("3.25")),
)
USD, EUR, JPY, KWD = 1000, 1001, 1002, 1003
CARD, CLEARING, OPENING, UNKNOWN_OUT, UNKNOWN_IN, MEALS = 2100, 1090, 3000, 6999, 4999, 6350
TRANSFER_OUT, TRANSFER_IN = "TRANSFER_OUT_ACCOUNT_TRANSFER", "TRANSFER_IN_ACCOUNT_TRANSFER"


@pytest.fixture
async def bank(pool: Pool, database: Database) -> AsyncIterator[MemoryBank]:
    feed = MemoryFeed(
        {
            "dollars": MemoryAccount("USD", "depository", Decimal(5000)),
            "euros": MemoryAccount("EUR", "depository", Decimal(100)),
            "yen": MemoryAccount("JPY", "depository", Decimal(20000)),
            "dinars": MemoryAccount("KWD", "depository", Decimal("12.345")),
            "card": MemoryAccount("EUR", "credit", Decimal(0)),
        }
    )
    async with memory_services(pool, feed) as services:
        entity_id = await open_entity(pool, database)
        yield await link_memory_bank(services, feed, entity_id=entity_id)


async def load(bank: MemoryBank) -> None:
    await load_rates(bank.services.pool, RATES, entity_id=bank.entity_id, now=NOW)


async def held(bank: MemoryBank) -> dict[HoldReason, int]:
    """Return what waits, once every check has found the books sound."""
    done = await verify_books(bank.services.pool, entity_id=bank.entity_id, now=NOW)
    assert done.violations == ()
    return done.held


async def names(bank: MemoryBank) -> dict[str, int]:
    """Return the codes of the two accounts for exchanges."""
    async with db.read_entity(bank.services.pool, entity_id=bank.entity_id) as conn:
        return {one.name: one.code for one in await ledger.ledger_accounts(conn, entity_id=bank.entity_id)}


async def test_rows_and_openings_without_a_rate_wait_and_are_booked_once_it_is_loaded(bank: MemoryBank) -> None:
    """
    03-05 EUR -10.00 at 1.10 = -11.00; JPY -1,000 at 0.0067 = -6.70; KWD -1.234 at 3.25 = -4.01 (4.0105)
    Openings 03-04: EUR 100.00 = 110.00, JPY 20,000 = 134.00, KWD 12.345 = 40.12 (40.12125)
    """
    for account, amount in (("euros", "-10.00"), ("yen", "-1000"), ("dinars", "-1.234"), ("dollars", "-7.00")):
        bank.put(account, amount, date(2026, 3, 5))
    await bank.sync()
    assert await held(bank) == {HoldReason.RATE_MISSING: 3}
    assert {code for code, _ in await bank.balances()} == {USD, OPENING, UNKNOWN_OUT}
    await load(bank)
    assert await held(bank) == {}
    found = await bank.balances()
    assert found[USD, "USD"] == (499300, 499300)
    assert found[EUR, "EUR"] == (9000, 9900)
    assert found[JPY, "JPY"] == (19000, 12730)
    assert found[KWD, "KWD"] == (11111, 3611)
    assert found[UNKNOWN_OUT, "KWD"] == (1234, 401)
    assert found[OPENING, "JPY"] == (-20000, -13400)
    assert sum(base for _, base in found.values()) == 0


async def test_a_rate_older_than_a_month_does_not_count(bank: MemoryBank) -> None:
    await load(bank)
    bank.put("yen", "-1000", date(2026, 4, 1))
    bank.put("yen", "-1000", date(2026, 4, 2))
    await bank.sync()
    assert await held(bank) == {HoldReason.RATE_MISSING: 1}


async def test_a_transfer_between_currencies_leaves_clearing_empty_and_shows_what_it_cost(bank: MemoryBank) -> None:
    """
    03-05 USD -112.00 out, worth 112.00; 03-06 EUR 100.00 in at 1.10, worth 110.00: 2.00 lost.
    Clearing is empty; the exchange account holds 110.00 USD (112 - 2) against -100.00 EUR (-110.00), worth nothing.
    """
    await load(bank)
    bank.put("dollars", "-112.00", date(2026, 3, 5), provider_category=TRANSFER_OUT)
    bank.put("euros", "100.00", date(2026, 3, 6), provider_category=TRANSFER_IN)
    await bank.sync()
    code = await names(bank)
    found = await bank.balances()
    assert not [key for key in found if key[0] == CLEARING]
    assert found[code["Exchange Gain or Loss"], "USD"] == (200, 200)
    assert found[code["Currency Exchange"], "USD"] == (11000, 11000)
    assert found[code["Currency Exchange"], "EUR"] == (-10000, -11000)
    assert found[EUR, "EUR"] == (20000, 22000)
    assert await held(bank) == {}
    await bank.sync()
    assert await bank.balances() == found


async def test_paying_a_euro_card_from_a_dollar_account_can_gain(bank: MemoryBank) -> None:
    """
    03-05 the card is charged EUR 50.00 at 1.10 = 55.00. 03-12 USD -55.50 pays EUR 50.00 off, worth 56.00 at 1.12:
    0.50 gained. The card owes nothing in euros; it is worth 1.00 in dollars, the exchange difference on what was owed.
    """
    await load(bank)
    bank.put("card", "-50.00", date(2026, 3, 5))
    bank.put("dollars", "-55.50", date(2026, 3, 12), provider_category="LOAN_PAYMENTS_CREDIT_CARD_PAYMENT")
    bank.put("card", "50.00", date(2026, 3, 12), provider_category="LOAN_PAYMENTS_CREDIT_CARD_PAYMENT")
    await bank.sync()
    code = await names(bank)
    found = await bank.balances()
    assert found[code["Exchange Gain or Loss"], "USD"] == (-50, -50)
    assert not [key for key in found if key[0] == CLEARING]
    assert found[CARD, "EUR"] == (0, 100)
    assert await held(bank) == {}


async def test_what_an_exchange_cost_is_taken_back_when_it_is_none_any_more(bank: MemoryBank) -> None:
    await load(bank)
    out = bank.put("dollars", "-112.00", date(2026, 3, 5), provider_category=TRANSFER_OUT)
    came = bank.put("euros", "100.00", date(2026, 3, 6), provider_category=TRANSFER_IN)
    await bank.sync()
    code = await names(bank)
    bank.change(came, amount=Decimal("101.00"))  # worth 111.10, so 0.90 lost
    await bank.sync()
    assert (await bank.balances())[code["Exchange Gain or Loss"], "USD"] == (90, 90)
    await set_category(
        bank.services,
        entity_id=bank.entity_id,
        bank_transaction_id=await bank.row_id(out),
        ledger_account_id=(await bank.chart())[MEALS],
    )
    found = await bank.balances()
    assert (code["Exchange Gain or Loss"], "USD") not in found
    assert not [key for key in found if key[0] == code["Currency Exchange"]]
    assert found[CLEARING, "EUR"] == (-10100, -11110)
    assert await held(bank) == {}


async def test_what_was_booked_keeps_its_rate_when_the_rate_is_corrected(bank: MemoryBank) -> None:
    await load(bank)
    key = bank.put("euros", "-10.00", date(2026, 3, 5))
    await bank.sync()
    corrected = ExchangeRate(currency="EUR", dated=date(2026, 3, 5), rate=Decimal(2))
    await load_rates(bank.services.pool, [corrected], entity_id=bank.entity_id, now=NOW)
    assert (await bank.balances())[UNKNOWN_OUT, "EUR"] == (1000, 1100)
    bank.change(key, amount=Decimal("-11.00"))
    await bank.sync()
    assert (await bank.balances())[UNKNOWN_OUT, "EUR"] == (1100, 2200)
    assert await held(bank) == {}


async def test_what_is_held_in_other_currencies_is_revalued_in_the_report_and_never_posted(bank: MemoryBank) -> None:
    """
    Openings on 03-04: EUR 100.00 = 110.00, JPY 20,000 = 134.00, KWD 12.345 = 40.12; dollars 5,000.00 on the same day.
    03-05 EUR -10.00 at 1.10 = -11.00. On 03-10 EUR 90.00 is carried at 99.00 and worth 100.80 at 1.12: 1.80 gained.
    The dinars are carried at 40.12 and worth 40.12 (40.12125). Assets 5,000.00 + 100.80 + 134.00 + 40.12 = 5,274.92.
    """
    for account, amount in (("euros", "-10.00"), ("yen", "0"), ("dinars", "0"), ("dollars", "0")):
        bank.put(account, amount, date(2026, 3, 5))
    await load(bank)
    await bank.sync()
    async with db.read_entity(bank.services.pool, entity_id=bank.entity_id) as conn:
        before = await currency_position(conn, entity_id=bank.entity_id, as_of=date(2026, 3, 9))
        found = await currency_position(conn, entity_id=bank.entity_id, as_of=date(2026, 3, 10))
        unrated = await currency_position(conn, entity_id=bank.entity_id, as_of=date(2026, 4, 5))
    assert before.unrealised_minor == 0
    assert [(one.currency, one.carried_minor, one.worth_minor) for one in found.holdings] == [
        ("EUR", 9900, 10080),
        ("JPY", 13400, 13400),
        ("KWD", 4012, 4012),
    ]
    assert (found.unrealised_minor, found.assets_minor, found.liabilities_minor) == (180, 527492, 0)
    assert (found.equity_minor, found.earnings_minor) == (528412, -1100)
    assert [(one.currency, one.worth_minor) for one in unrated.holdings] == [
        ("EUR", 10080),
        ("JPY", None),
        ("KWD", None),
    ]


async def test_an_opening_balance_moves_with_its_bank_account_though_its_new_day_has_no_rate(bank: MemoryBank) -> None:
    """
    03-05 EUR -5.00, opening 03-04. Then 02-10 EUR -7.00 arrives, before all rates: it waits, and the opening cannot
    be dated 02-09. The bank account is booked into another ledger account all the same, opening included.
    """
    services, entity_id = bank.services, bank.entity_id
    await load(bank)
    bank.put("euros", "-5.00", date(2026, 3, 5))
    await bank.sync()
    bank.put("euros", "-7.00", date(2026, 2, 10))
    await bank.sync()
    wanted = NewAccount(name="Other", type=LedgerAccountType.ASSET, subtype="Bank")
    other = await add_category(services, wanted, entity_id=entity_id)
    async with db.read_entity(services.pool, entity_id=entity_id) as conn:
        rows = await banking.bank_accounts(conn, entity_id=entity_id)
    [euros] = [row for row in rows if row.name == "euros"]
    await change_settings(
        services,
        entity_id=entity_id,
        bank_account_id=euros.id,
        change=lambda choices: replace(choices, ledger_account_id=other.id),
    )
    assert await held(bank) == {HoldReason.RATE_MISSING: 1}
    moved = await bank.balances()
    assert (EUR, "EUR") not in moved
    assert other.code in {code for code, _ in moved}


async def euros_of(bank: MemoryBank) -> BankAccountRow:
    async with db.read_entity(bank.services.pool, entity_id=bank.entity_id) as conn:
        rows = await banking.bank_accounts(conn, entity_id=bank.entity_id)
    [euros] = [row for row in rows if row.name == "euros"]
    return euros


async def load_february(bank: MemoryBank) -> None:
    rate = ExchangeRate(currency="EUR", dated=date(2026, 2, 1), rate=Decimal("1.05"))
    await load_rates(bank.services.pool, [rate], entity_id=bank.entity_id, now=NOW)


async def test_a_given_opening_balance_without_a_rate_stands_once_it_is_loaded(bank: MemoryBank) -> None:
    """
    03-05 EUR -5.00, opening 100.00 on 03-04, worth 110.00. Given 70.00 for books from 02-10: the one before stands
    until the rate of February, 1.05, is loaded. Then 70.00 are worth 73.50, and -5.00 stay worth -5.50.
    """
    services, entity_id = bank.services, bank.entity_id
    await load(bank)
    bank.put("euros", "-5.00", date(2026, 3, 5))
    await bank.sync()
    euros = await euros_of(bank)
    assert (await bank.balances())[EUR, "EUR"] == (9500, 10450)
    await change_settings(
        services,
        entity_id=entity_id,
        bank_account_id=euros.id,
        change=lambda choices: replace(choices, history_start_on=date(2026, 2, 10), opening_given=Decimal("70.00")),
    )
    assert (await bank.balances())[EUR, "EUR"] == (9500, 10450)
    await load_february(bank)
    assert (await bank.balances())[EUR, "EUR"] == (6500, 6800)
    await load_february(bank)
    assert (await bank.balances())[EUR, "EUR"] == (6500, 6800)
    assert await held(bank) == {}


async def test_an_opening_balance_before_all_rates_moves_once_they_are_loaded(bank: MemoryBank) -> None:
    """
    03-05 EUR -5.00, opening 100.00 on 03-04. 02-10 EUR -7.00 arrives, and with it the end of the history: the opening
    should be on 02-09, which has no rate. Loaded, it is worth 100 x 1.05 = 105.00, the older row -7.35, the newer
    -5.50: 88.00 are held, worth 92.15.
    """
    await load(bank)
    bank.feed.is_complete = False
    bank.put("euros", "-5.00", date(2026, 3, 5))
    await bank.sync()
    bank.feed.is_complete = True
    bank.put("euros", "-7.00", date(2026, 2, 10))
    await bank.sync()
    assert await held(bank) == {HoldReason.RATE_MISSING: 1}
    await load_february(bank)
    assert await held(bank) == {}
    found = await bank.balances()
    assert found[EUR, "EUR"] == (8800, 9215)
    assert found[OPENING, "EUR"] == (-10000, -10500)


async def test_a_balance_sheet_has_foreign_money_at_closing_rates_or_at_cost(bank: MemoryBank) -> None:
    """
    Openings on 03-04: dollars 5,000.00; EUR 100.00 = 110.00; JPY 20,000 = 134.00; KWD 12.345 = 40.12.
    03-05 EUR -10.00 at 1.10 = -11.00, unknown expense; the card is charged EUR 50.00 = 55.00, unknown expense.

                      cost 03-10            closing 03-10, EUR 1.12
    dollars           5,000.00              5,000.00
    euros                99.00   90 x 1.12    100.80    + 1.80
    yen                 134.00                134.00
    dinars               40.12                 40.12
    assets            5,273.12              5,274.92
    card                 55.00   50 x 1.12     56.00    - 1.00
    opening balances  5,284.12              5,284.12
    current earnings    -66.00                -66.00
    unrealised                                  0.80
    both sides        5,273.12              5,274.92

    By 04-05 the yen and the dinars have no rate any more (older than 31 days): they stay as posted.
    """
    for account, amount in (("euros", "-10.00"), ("card", "-50.00"), ("yen", "0"), ("dinars", "0"), ("dollars", "0")):
        bank.put(account, amount, date(2026, 3, 5))
    await load(bank)
    await bank.sync()
    days = [date(2026, 3, 10), date(2026, 3, 9), date(2026, 4, 5)]
    cost = View(currency="USD", is_translated=True)
    closing = replace(cost, valuation=Valuation.CLOSING)
    async with db.read_entity(bank.services.pool, entity_id=bank.entity_id) as conn:
        [plain] = await balance_sheets(conn, entity_id=bank.entity_id, days=days[:1], view=cost)
        sheets = await balance_sheets(conn, entity_id=bank.entity_id, days=days, view=closing)
        [euros_only] = await balance_sheets(
            conn, entity_id=bank.entity_id, days=days[:1], view=replace(closing, currency="EUR", is_translated=False)
        )
        [on_cash_basis] = await balance_sheets(
            conn, entity_id=bank.entity_id, days=days[:1], view=replace(closing, basis=Basis.CASH)
        )
        position = await currency_position(conn, entity_id=bank.entity_id, as_of=days[0])
    today, before, later = sheets
    assert sums_of(plain) == (527312, 5500, 521812, 0)
    assert sums_of(today) == (527492, 5600, 521892, 80)
    assert sums_of(before) == (527312, 5500, 521812, 0)
    assert sums_of(later) == (527492, 5600, 521892, 80)
    assert [sheet.currencies_at_cost for sheet in sheets] == [(), (), ("JPY", "KWD")]
    assert {sheet.equity[-1].name for sheet in sheets} == {"Unrealised Exchange Difference"}
    assert "Unrealised Exchange Difference" not in {line.name for line in plain.equity}
    assert (sums_of(euros_only)[3], euros_only.valuation) == (0, Valuation.COST)
    assert (sums_of(on_cash_basis), on_cash_basis.valuation) == (sums_of(plain), Valuation.COST)
    assert (position.assets_minor, position.unrealised_minor) == (527492, 80)
    [group] = [line for line in today.assets if line.subtype == "Bank"]
    drilled = {line.code: line.postings is not None for line in group.children}
    assert drilled == {USD: True, EUR: False, JPY: True, KWD: True}
    assert group.postings is None


def sums_of(sheet: BalanceSheet) -> tuple[int, int, int, int]:
    """Return assets, liabilities, equity and the unrealised difference of a sheet."""
    return (
        sheet.total_assets_minor,
        sheet.total_liabilities_minor,
        sheet.total_equity_minor,
        sheet.unrealised_minor,
    )
