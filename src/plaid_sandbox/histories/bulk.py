"""`user_history_N`: one checking account with N posted rows over 24 months, for measuring."""

import random
from datetime import timedelta
from decimal import Decimal
from functools import cache

from plaid_sandbox.histories import describe
from plaid_sandbox.histories.plan import Details, History, HistoryOrder, PlannedAccount, PlannedRow, Profile

_SPAN_DAYS = 729
_CURRENT = Decimal("48210.55")
_INFLOW_SHARE = 0.22
_CHECKING = PlannedAccount(
    key="checking",
    name="Volume Checking",
    official_name="Platypus High Volume Business Checking",
    mask="8100",
    type="depository",
    subtype="checking",
    holder_category="business",
)
_OUTFLOWS: tuple[Details, ...] = (
    describe.shop("STARBUCKS STORE 05734", "Starbucks", "FOOD_AND_DRINK_COFFEE", website="starbucks.com"),
    describe.shop("PEETS COFFEE 01802", "Peet's Coffee", "FOOD_AND_DRINK_COFFEE", website="peets.com"),
    describe.shop("CHIPOTLE 1187", "Chipotle Mexican Grill", "FOOD_AND_DRINK_FAST_FOOD", website="chipotle.com"),
    describe.shop("SAFEWAY #2870", "Safeway", "FOOD_AND_DRINK_GROCERIES", website="safeway.com"),
    describe.shop("TST* CAMINO", "Camino", "FOOD_AND_DRINK_RESTAURANT", confidence="HIGH"),
    describe.shop("SHELL OIL 57444212505", "Shell", "TRANSPORTATION_GAS", website="shell.com"),
    describe.shop("STAPLES 00110742", "Staples", "GENERAL_MERCHANDISE_OFFICE_SUPPLIES", website="staples.com"),
    describe.shop("THE HOME DEPOT #0627", "The Home Depot", "HOME_IMPROVEMENT_HARDWARE", website="homedepot.com"),
    describe.shop("USPS PO 0556700940", "USPS", "GENERAL_SERVICES_POSTAGE_AND_SHIPPING", website="usps.com"),
    describe.web("UBER *TRIP HELP.UBER.COM CA", "Uber", "TRANSPORTATION_TAXIS_AND_RIDE_SHARES", "uber.com"),
    describe.web("AMAZON.COM*MK2R71LP0", "Amazon", "GENERAL_MERCHANDISE_ONLINE_MARKETPLACES", "amazon.com"),
    describe.web("GOOGLE *ADS7730129911", "Google Ads", "GENERAL_SERVICES_OTHER_GENERAL_SERVICES", "ads.google.com"),
    describe.web("DELTA AIR 0062341187733", "Delta Air Lines", "TRAVEL_FLIGHTS", "delta.com"),
    describe.web("AWS EMEA AWS.AMAZON.CO", "Amazon Web Services", "GENERAL_SERVICES_OTHER_GENERAL_SERVICES", "aws.com"),
    describe.ach("PGANDE WEB ONLINE", "RENT_AND_UTILITIES_GAS_AND_ELECTRICITY", merchant="PG&E", website="pge.com"),
    describe.ach("COMCAST CALIFORNIA", "RENT_AND_UTILITIES_INTERNET_AND_CABLE", merchant="Comcast"),
    describe.ach("HISCOX INC PREMIUM", "GENERAL_SERVICES_INSURANCE", merchant="Hiscox", website="hiscox.com"),
    describe.unknown("PY *8842 GOODS LLC 510-555-0114"),
    describe.unknown("CKCD 7712 VENDOR 4410", channel_online=False),
)
_INFLOWS: tuple[Details, ...] = (
    describe.ach(
        "STRIPE TRANSFER ST-K3R8Q1V0", "INCOME_OTHER", counterparty="Stripe", counterparty_type="payment_terminal"
    ),
    describe.ach("SHOPIFY TRANSFER", "INCOME_OTHER", counterparty="Shopify", counterparty_type="marketplace"),
    describe.ach("ORIG CO NAME:LAKESIDE MEDICAL CCD", "INCOME_OTHER", confidence="MEDIUM", payer="Lakeside Medical"),
    describe.ach("ORIG CO NAME:HARBOR FREIGHT FWD CCD", "INCOME_CONTRACTOR", confidence="LOW", payer="Harbor Freight"),
    describe.bank_line("MOBILE CHECK DEPOSIT", "TRANSFER_IN_DEPOSIT", confidence="HIGH"),
)


@cache
def profile(count: int) -> Profile:
    """Return the user with `count` rows."""
    return Profile(accounts=(_CHECKING,), build=lambda order: _build(order, count))


def _build(order: HistoryOrder, count: int) -> History:
    draw = random.Random(f"{order.seed}/bulk/{count}")
    first_day = order.today - timedelta(days=_SPAN_DAYS)
    rows = []
    for index in range(count):
        is_inflow = draw.random() < _INFLOW_SHARE
        cents = draw.randrange(30_000, 90_000) if is_inflow else draw.randrange(350, 32_000)
        dated = first_day + timedelta(days=index * (_SPAN_DAYS + 1) // count)
        rows.append(
            PlannedRow(
                key=str(index),
                account_key="checking",
                amount=Decimal(-cents if is_inflow else cents).scaleb(-2),
                occurred_on=dated,
                posted_on=dated,
                details=draw.choice(_INFLOWS if is_inflow else _OUTFLOWS),
            )
        )
    return History(rows=rows, current={"checking": _CURRENT})
