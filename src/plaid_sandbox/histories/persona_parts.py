"""Short ways to write the personas: bank accounts, standing matters, habits, and what most lives share."""

from decimal import Decimal
from typing import Literal

from plaid_sandbox.histories.describe import ach, bank_line, shop, web
from plaid_sandbox.histories.patterns import CARD, CHECKING, EVERY_MONTH, SAVINGS, Habit, Standing
from plaid_sandbox.histories.plan import Details, PlannedAccount

Holder = Literal["business", "personal"]
CARD_PAYMENT = "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT"
SOFTWARE = "GENERAL_SERVICES_OTHER_GENERAL_SERVICES"
INSURANCE = "GENERAL_SERVICES_INSURANCE"
TAX = "GOVERNMENT_AND_NON_PROFIT_TAX_PAYMENT"
ONLINE_SHOP = "GENERAL_MERCHANDISE_ONLINE_MARKETPLACES"
GROCERIES = "FOOD_AND_DRINK_GROCERIES"
RESTAURANT = "FOOD_AND_DRINK_RESTAURANT"

SWEPT = bank_line("ONLINE TRANSFER TO SAV", "TRANSFER_OUT_SAVINGS")
SWEPT_IN = bank_line("ONLINE TRANSFER FROM CHK", "TRANSFER_IN_ACCOUNT_TRANSFER")
FILLED = bank_line("ONLINE TRANSFER FROM SAV", "TRANSFER_IN_SAVINGS")
FILLED_OUT = bank_line("ONLINE TRANSFER TO CHK", "TRANSFER_OUT_ACCOUNT_TRANSFER")
PAID = ach("PLATYPUS CARD SERV ONLINE PMT", CARD_PAYMENT, confidence="VERY_HIGH")
PAID_IN = bank_line("AUTOMATIC PAYMENT - THANK YOU", CARD_PAYMENT)
OWNER_DRAW = ach("ONLINE TRANSFER TO CHK ...5518 OWNER DRAW", "TRANSFER_OUT_ACCOUNT_TRANSFER", confidence="MEDIUM")
OWNER_IN = ach("ONLINE TRANSFER FROM CHK ...5518 OWNER", "TRANSFER_IN_ACCOUNT_TRANSFER", confidence="MEDIUM")


def checking(mask: str, *, holder: Holder = "business", name: str = "Business Checking") -> PlannedAccount:
    """Return a checking account."""
    return PlannedAccount(
        key=CHECKING,
        name=name,
        official_name=f"Platypus {name}",
        mask=mask,
        type="depository",
        subtype="checking",
        holder_category=holder,
    )


def savings(mask: str, *, holder: Holder = "business", name: str = "Business Savings") -> PlannedAccount:
    """Return a savings account."""
    return PlannedAccount(
        key=SAVINGS,
        name=name,
        official_name=f"Platypus {name}",
        mask=mask,
        type="depository",
        subtype="savings",
        holder_category=holder,
    )


def card(mask: str, limit: int, *, holder: Holder = "business", name: str = "Business Card") -> PlannedAccount:
    """Return a credit card."""
    return PlannedAccount(
        key=CARD,
        name=name,
        official_name=f"Platypus {name}",
        mask=mask,
        type="credit",
        subtype="credit card",
        limit=Decimal(limit),
        holder_category=holder,
    )


def monthly(
    key: str,
    day: int,
    cents: int,
    details: Details,
    *,
    account_key: str = CHECKING,
    spread: float = 0.0,
    late_days: int = 0,
    months: tuple[int, ...] = EVERY_MONTH,
) -> Standing:
    """Return something that happens on a day of the month; positive cents go out."""
    return Standing(
        key=key,
        account_key=account_key,
        day=day,
        cents=cents,
        details=details,
        spread=spread,
        late_days=late_days,
        months=months,
    )


def often(
    key: str,
    times: tuple[int, int],
    cents: tuple[int, int],
    *details: Details,
    account_key: str = CARD,
    odds: float = 1.0,
    has_reference: bool = False,
) -> Habit:
    """Return something that happens a few times a month."""
    return Habit(
        key=key,
        account_key=account_key,
        times=times,
        cents=cents,
        details=details,
        odds=odds,
        has_reference=has_reference,
    )


def client(name: str, text: str, *, confidence: str = "HIGH") -> Details:
    """Describe a payment by a client."""
    return ach(
        f"ORIG CO NAME:{text} CO ENTRY DESCR:INVOICE SEC:CCD",
        "INCOME_CONTRACTOR",
        counterparty=name,
        counterparty_type="income_source",
        confidence=confidence,
        payer=name,
    )


def payout(name: str, text: str, kind: str = "payment_terminal") -> Details:
    """Describe takings that a payment company passes on."""
    return ach(text, "INCOME_OTHER", counterparty=name, counterparty_type=kind, confidence="VERY_HIGH", payer=name)


TRADER_JOES = shop("TRADER JOE S #203", "Trader Joe's", GROCERIES, website="traderjoes.com")
SAFEWAY = shop("SAFEWAY #2870", "Safeway", GROCERIES, website="safeway.com")
COSTCO = shop("COSTCO WHSE #0422", "Costco", "GENERAL_MERCHANDISE_SUPERSTORES", website="costco.com")
SHELL = shop("SHELL OIL 57444212505", "Shell", "TRANSPORTATION_GAS", website="shell.com")
AMAZON = web("AMZN MKTP US*", "Amazon", ONLINE_SHOP, "amazon.com")
UBER = web("UBER *TRIP HELP.UBER.COM CA", "Uber", "TRANSPORTATION_TAXIS_AND_RIDE_SHARES", "uber.com")
COFFEE = shop("SQ *RED DOOR COFFEE", "Red Door Coffee", "FOOD_AND_DRINK_COFFEE", confidence="HIGH")
LUNCH = shop("CHIPOTLE 1187", "Chipotle Mexican Grill", "FOOD_AND_DRINK_FAST_FOOD", website="chipotle.com")
DINNER = shop("TST* CAMINO RESTAURANT", "Camino", RESTAURANT, confidence="HIGH")
POST = shop("USPS PO 0556700940", "USPS", "GENERAL_SERVICES_POSTAGE_AND_SHIPPING", website="usps.com")
GOOGLE_ADS = web("GOOGLE *ADS", "Google Ads", SOFTWARE, "ads.google.com", confidence="HIGH")
META_ADS = web("FACEBK *", "Meta Ads", SOFTWARE, "facebook.com", confidence="MEDIUM")
CITY_POWER = ach("PGANDE WEB ONLINE PPD", "RENT_AND_UTILITIES_GAS_AND_ELECTRICITY", merchant="PG&E", website="pge.com")
PHONE = web("VZWRLSS*APOCC VISB 800-922-0204", "Verizon", "RENT_AND_UTILITIES_TELEPHONE", "verizon.com")
IRS = ach("IRS USATAXPYMT 270 CCD", TAX, merchant="IRS", confidence="VERY_HIGH", website="irs.gov")
SERVICE_FEE = bank_line("MONTHLY SERVICE FEE", "BANK_FEES_OTHER_BANK_FEES")
INTEREST = bank_line("INTEREST PAYMENT", "INCOME_INTEREST_EARNED")
EVERY_QUARTER = (1, 4, 6, 9)
