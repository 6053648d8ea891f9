"""The design studio's money in the bank: clients, fixed costs, people, transfers, and how its bank words them."""

from plaid_sandbox.histories.describe import ach, bank_line
from plaid_sandbox.histories.patterns import CARD, CHECKING, Habit, Standing
from plaid_sandbox.histories.plan import Details

_LEGAL = "GENERAL_SERVICES_CONSULTING_AND_LEGAL"
_TAX = "GOVERNMENT_AND_NON_PROFIT_TAX_PAYMENT"
_CARD_PAYMENT = "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT"


def _client(name: str, text: str, category: str, confidence: str | None) -> Details:
    return ach(
        f"ORIG CO NAME:{text} CO ENTRY DESCR:INVOICE SEC:CCD",
        category,
        counterparty=name,
        counterparty_type="income_source",
        confidence=confidence,
        payer=name,
    )


_STANDING_IN = (
    Standing(
        key="northwind",
        account_key=CHECKING,
        day=3,
        cents=-480_000,
        late_days=4,
        details=_client("Northwind Outfitters", "NORTHWIND OUTFIT", "INCOME_CONTRACTOR", "VERY_HIGH"),
    ),
    Standing(
        key="harbor pine",
        account_key=CHECKING,
        day=5,
        cents=-360_000,
        late_days=5,
        details=_client("Harbor & Pine Realty", "HARBOR PINE RLTY", "INCOME_OTHER", "HIGH"),
    ),
    Standing(
        key="bluebird",
        account_key=CHECKING,
        day=8,
        cents=-275_000,
        late_days=3,
        details=_client("Bluebird Pediatrics", "BLUEBIRD PEDIATR", "INCOME_OTHER", "HIGH"),
    ),
    Standing(
        key="cascade",
        account_key=CHECKING,
        day=12,
        cents=-240_000,
        late_days=9,
        details=_client("Cascade Brewing Co", "CASCADE BREWING", "INCOME_CONTRACTOR", "HIGH"),
    ),
    Standing(
        key="fern fable",
        account_key=CHECKING,
        day=18,
        cents=-125_000,
        late_days=6,
        details=_client("Fern & Fable Books", "FERN AND FABLE", "INCOME_OTHER", "LOW"),
    ),
)
_STANDING_OUT = (
    Standing(
        key="rent",
        account_key=CHECKING,
        day=1,
        cents=285_000,
        details=ach(
            "ACH DEBIT TELEGRAPH AVE PROPERTIES RENT WEB ID 9000417733",
            "RENT_AND_UTILITIES_RENT",
            merchant="Telegraph Ave Properties",
            payee="Telegraph Ave Properties",
            reason="RENT",
        ),
    ),
    Standing(
        key="electricity",
        account_key=CHECKING,
        day=11,
        cents=18_640,
        spread=0.35,
        details=ach(
            "PGANDE WEB ONLINE 0811 PPD",
            "RENT_AND_UTILITIES_GAS_AND_ELECTRICITY",
            merchant="PG&E",
            website="pge.com",
            confidence="VERY_HIGH",
        ),
    ),
    Standing(
        key="internet",
        account_key=CHECKING,
        day=14,
        cents=12_995,
        details=ach(
            "COMCAST CALIFORNIA CMCST BUS 8155400",
            "RENT_AND_UTILITIES_INTERNET_AND_CABLE",
            merchant="Comcast Business",
            website="business.comcast.com",
            confidence="VERY_HIGH",
        ),
    ),
    Standing(
        key="health plan",
        account_key=CHECKING,
        day=2,
        cents=118_420,
        details=ach(
            "KAISER FDN HEALTH PLAN PREMIUM CCD",
            "GENERAL_SERVICES_INSURANCE",
            merchant="Kaiser Permanente",
            website="kp.org",
        ),
    ),
    Standing(
        key="liability insurance",
        account_key=CHECKING,
        day=20,
        cents=14_867,
        details=ach(
            "HISCOX INC INS PREMIUM CCD",
            "GENERAL_SERVICES_INSURANCE",
            merchant="Hiscox",
            website="hiscox.com",
            confidence="VERY_HIGH",
        ),
    ),
    Standing(
        key="bookkeeper",
        account_key=CHECKING,
        day=9,
        cents=42_500,
        details=ach(
            "LAKE MERRITT TAX AND BOOKS CCD",
            "GENERAL_SERVICES_ACCOUNTING_AND_FINANCIAL_PLANNING",
            merchant="Lake Merritt Tax & Books",
            confidence="HIGH",
        ),
    ),
    Standing(
        key="gusto fee",
        account_key=CHECKING,
        day=4,
        cents=10_500,
        details=ach(
            "GUSTO FEE 558120 6SEMK01LLVD CCD",
            "GENERAL_SERVICES_ACCOUNTING_AND_FINANCIAL_PLANNING",
            merchant="Gusto",
            website="gusto.com",
            confidence="MEDIUM",
        ),
    ),
    Standing(
        key="federal tax",
        account_key=CHECKING,
        day=15,
        cents=320_000,
        months=(1, 4, 6, 9),
        details=ach("IRS USATAXPYMT 270 CCD", _TAX, merchant="IRS", confidence="VERY_HIGH", website="irs.gov"),
    ),
    Standing(
        key="state tax",
        account_key=CHECKING,
        day=15,
        cents=105_000,
        months=(1, 4, 6, 9),
        details=ach(
            "FRANCHISE TAX BD CASTTAXRFD CCD PAYMENTS", _TAX, merchant="Franchise Tax Board", website="ftb.ca.gov"
        ),
    ),
    Standing(
        key="business licence",
        account_key=CHECKING,
        day=27,
        cents=38_450,
        months=(2,),
        details=ach(
            "CITY OF OAKLAND BUS LICENSE TAX",
            "GOVERNMENT_AND_NON_PROFIT_GOVERNMENT_DEPARTMENTS_AND_AGENCIES",
            merchant="City of Oakland",
            confidence="HIGH",
        ),
    ),
    Standing(
        key="service fee",
        account_key=CHECKING,
        day=28,
        cents=1_500,
        details=bank_line("MONTHLY SERVICE FEE", "BANK_FEES_OTHER_BANK_FEES"),
    ),
    Standing(
        key="annual fee",
        account_key=CARD,
        day=17,
        cents=9_500,
        months=(3,),
        details=bank_line("ANNUAL MEMBERSHIP FEE", "BANK_FEES_OTHER_BANK_FEES"),
    ),
)
STANDING = (*_STANDING_IN, *_STANDING_OUT)

_LEGAL_HELP = ach("MARQUEZ OBRIEN LAW LLP TRUST CCD", _LEGAL, merchant="Marquez O'Brien Law", confidence="MEDIUM")
HABITS = (
    Habit(
        key="projects",
        account_key=CHECKING,
        times=(2, 5),
        cents=(-690_000, -190_000),
        details=(
            _client("Alder Street Dental", "ALDER ST DENTAL", "INCOME_OTHER", "HIGH"),
            _client("Sable & Stone Jewelry", "SABLE AND STONE", "INCOME_CONTRACTOR", "HIGH"),
            _client("Meridian Robotics", "MERIDIAN ROBOTIC", "INCOME_OTHER", "HIGH"),
            _client("Golden Gate Yoga", "GOLDEN GATE YOGA", "INCOME_OTHER", "LOW"),
            _client("Tidewater Solar", "TIDEWATER SOLAR", "INCOME_CONTRACTOR", "VERY_HIGH"),
            _client("Oak & Iron Furniture", "OAK AND IRON FUR", "INCOME_OTHER", "MEDIUM"),
        ),
    ),
    Habit(
        key="stripe",
        account_key=CHECKING,
        times=(4, 5),
        cents=(-189_000, -34_000),
        has_reference=True,
        details=(
            ach(
                "STRIPE TRANSFER ST-",
                "INCOME_OTHER",
                counterparty="Stripe",
                counterparty_type="payment_terminal",
                confidence="HIGH",
                payer="Stripe",
                website="stripe.com",
            ),
        ),
    ),
    Habit(
        key="check in",
        account_key=CHECKING,
        times=(1, 1),
        cents=(-165_000, -42_000),
        odds=0.6,
        details=(bank_line("MOBILE CHECK DEPOSIT", "TRANSFER_IN_DEPOSIT", confidence="HIGH"),),
    ),
    Habit(
        key="contractors",
        account_key=CHECKING,
        times=(2, 3),
        cents=(85_000, 210_000),
        details=(
            ach(
                "GUSTO CND PRIYA RAMAN DESIGN CCD",
                _LEGAL,
                counterparty="Priya Raman Design",
                confidence="LOW",
                payee="Priya Raman Design",
            ),
            ach(
                "ZELLE TO TOMAS HERRERA ILLUSTRATION",
                "TRANSFER_OUT_TRANSFER_OUT_FROM_APPS",
                counterparty="Zelle",
                counterparty_type="payment_app",
                confidence="MEDIUM",
                payee="Tomas Herrera",
            ),
            ach(
                "WISE INC KLARA NOVAK WEB DEV",
                "TRANSFER_OUT_TRANSFER_OUT_FROM_APPS",
                counterparty="Wise",
                counterparty_type="payment_app",
                confidence="MEDIUM",
                payee="Klara Novak",
            ),
        ),
    ),
    Habit(key="lawyer", account_key=CHECKING, times=(1, 1), cents=(45_000, 120_000), odds=0.25, details=(_LEGAL_HELP,)),
    Habit(
        key="cash",
        account_key=CHECKING,
        times=(1, 1),
        prices=(8_000, 10_000, 20_000),
        odds=0.35,
        details=(bank_line("ATM WITHDRAWAL 004417 1221 BROADWAY OAKLAND CA", "TRANSFER_OUT_WITHDRAWAL"),),
    ),
)

PAYROLL = ach(
    "GUSTO NET 558120 6SEMK02LLVD CCD PAYROLL",
    "GENERAL_SERVICES_ACCOUNTING_AND_FINANCIAL_PLANNING",
    merchant="Gusto",
    website="gusto.com",
    confidence="MEDIUM",
    reason="PAYROLL",
)
PAYROLL_TAX = ach(
    "GUSTO TAX 558120 6SEMK03LLVD CCD",
    _TAX,
    merchant="Gusto",
    website="gusto.com",
    confidence="HIGH",
    reason="PAYROLL TAX",
)
OWNER_DRAW = ach("ONLINE TRANSFER TO CHK ...9021 OWNER DRAW", "TRANSFER_OUT_ACCOUNT_TRANSFER", confidence="MEDIUM")
TO_SAVINGS = bank_line("ONLINE TRANSFER TO SAV ...4410", "TRANSFER_OUT_SAVINGS")
FROM_CHECKING = bank_line("ONLINE TRANSFER FROM CHK ...4402", "TRANSFER_IN_ACCOUNT_TRANSFER")
TO_CHECKING = bank_line("ONLINE TRANSFER TO CHK ...4402", "TRANSFER_OUT_ACCOUNT_TRANSFER", confidence="HIGH")
FROM_SAVINGS = bank_line("ONLINE TRANSFER FROM SAV ...4410", "TRANSFER_IN_SAVINGS")
INTEREST_EARNED = bank_line("INTEREST PAYMENT", "INCOME_INTEREST_EARNED")
INTEREST_CHARGED = bank_line("INTEREST CHARGE ON PURCHASES", "BANK_FEES_INTEREST_CHARGE")
CARD_PAYMENT_OUT = ach(
    "PLATYPUS CARD SERV ONLINE PMT CKF 7731",
    _CARD_PAYMENT,
    counterparty="First Platypus Bank",
    counterparty_type="financial_institution",
    confidence="VERY_HIGH",
)
CARD_PAYMENT_IN = bank_line("AUTOMATIC PAYMENT - THANK YOU", _CARD_PAYMENT)
WIRE_IN = ach(
    "WIRE IN FED 0214 NORDVIK MEDIA AS OSLO",
    "TRANSFER_IN_WIRE",
    counterparty="Nordvik Media AS",
    counterparty_type="income_source",
    confidence="MEDIUM",
    payer="Nordvik Media AS",
)
WIRE_FEE = bank_line("INCOMING WIRE FEE", "BANK_FEES_OTHER_BANK_FEES")
FOREIGN_FEE = bank_line("FOREIGN TRANSACTION FEE", "BANK_FEES_FOREIGN_TRANSACTION_FEES")
CLEANING_CHECK = Details(name="CHECK", category="OTHER_OTHER", confidence="LOW")
