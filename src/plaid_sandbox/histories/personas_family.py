"""`user_family`: a household with two salaries, a mortgage, children and a card."""

from plaid_sandbox.histories import persona_parts as parts
from plaid_sandbox.histories.describe import ach, bank_line, shop, unknown, web
from plaid_sandbox.histories.patterns import CARD, CHECKING, SAVINGS
from plaid_sandbox.histories.persona import Persona, known
from plaid_sandbox.histories.persona_parts import monthly, often

FAMILY = known(
    Persona(
        key="family",
        accounts=(
            parts.checking("7011", holder="personal", name="Joint Checking"),
            parts.savings("7029", holder="personal", name="Family Savings"),
            parts.card("7088", 15_000, holder="personal", name="Rewards Card"),
        ),
        opening={CHECKING: 780_000, SAVINGS: 1_500_000, CARD: 0},
        keep=900_000,
        floor=550_000,
        swept=parts.SWEPT,
        swept_in=parts.SWEPT_IN,
        filled=parts.FILLED,
        filled_out=parts.FILLED_OUT,
        paid=parts.PAID,
        paid_in=parts.PAID_IN,
        standing=(
            monthly(
                "salary", 1, -412_800, ach("KAISER PERMANENTE PAYROLL PPD", "INCOME_SALARY", payer="Kaiser Permanente")
            ),
            monthly(
                "salary mid",
                15,
                -412_800,
                ach("KAISER PERMANENTE PAYROLL PPD", "INCOME_SALARY", payer="Kaiser Permanente"),
            ),
            monthly(
                "second salary", 28, -348_500, ach("OAKLAND USD PAYROLL PPD", "INCOME_SALARY", payer="Oakland USD")
            ),
            monthly(
                "mortgage",
                3,
                342_000,
                ach("WELLS FARGO HOME MTG", "LOAN_PAYMENTS_MORTGAGE_PAYMENT", merchant="Wells Fargo"),
            ),
            monthly(
                "car loan",
                8,
                41_877,
                ach("TOYOTA FINANCIAL PMT", "LOAN_PAYMENTS_CAR_PAYMENT", merchant="Toyota Financial"),
            ),
            monthly(
                "childcare",
                5,
                285_000,
                ach("ROCKRIDGE LITTLE SCHOOL", "GENERAL_SERVICES_CHILDCARE", merchant="Rockridge Little School"),
            ),
            monthly("power", 12, 18_230, parts.CITY_POWER, spread=0.4),
            monthly(
                "water", 17, 9_410, ach("EBMUD WATER PPD", "RENT_AND_UTILITIES_WATER", merchant="EBMUD"), spread=0.2
            ),
            monthly(
                "internet",
                14,
                8_999,
                ach("COMCAST CALIFORNIA", "RENT_AND_UTILITIES_INTERNET_AND_CABLE", merchant="Comcast"),
            ),
            monthly(
                "insurance", 20, 21_450, ach("GEICO *AUTO", parts.INSURANCE, merchant="GEICO", confidence="VERY_HIGH")
            ),
            monthly(
                "tv",
                7,
                1_549,
                web("NETFLIX.COM", "Netflix", "ENTERTAINMENT_TV_AND_MOVIES", "netflix.com"),
                account_key=CARD,
            ),
            monthly(
                "music",
                9,
                1_699,
                web("SPOTIFY USA", "Spotify", "ENTERTAINMENT_MUSIC_AND_AUDIO", "spotify.com"),
                account_key=CARD,
            ),
            monthly(
                "gym",
                2,
                8_400,
                shop("TOUCHSTONE CLIMBING", "Touchstone", "PERSONAL_CARE_GYMS_AND_FITNESS_CENTERS"),
                account_key=CARD,
            ),
            monthly("phone", 16, 14_210, parts.PHONE, account_key=CARD),
            monthly(
                "tax refund", 10, -184_200, ach("IRS TREAS 310 TAX REF", "INCOME_TAX_REFUND", payer="IRS"), months=(4,)
            ),
            monthly("interest", 28, -1_420, parts.INTEREST, account_key=SAVINGS, spread=0.2),
        ),
        habits=(
            often("groceries", (7, 10), (2_800, 21_500), parts.TRADER_JOES, parts.SAFEWAY, parts.COSTCO),
            often("petrol", (3, 5), (3_400, 7_200), parts.SHELL),
            often("dinners", (3, 6), (2_400, 13_800), parts.DINNER, parts.LUNCH),
            often("coffee", (4, 8), (395, 1_650), parts.COFFEE),
            often("online", (3, 6), (1_200, 16_800), parts.AMAZON, has_reference=True),
            often(
                "children",
                (1, 3),
                (1_800, 11_500),
                shop("TARGET T-2767", "Target", "GENERAL_MERCHANDISE_SUPERSTORES", website="target.com"),
                web("OLD NAVY ON-LINE", "Old Navy", "GENERAL_MERCHANDISE_CLOTHING_AND_ACCESSORIES"),
            ),
            often(
                "doctor",
                (0, 2),
                (2_000, 18_500),
                shop("WALGREENS #4231", "Walgreens", "MEDICAL_PHARMACIES_AND_SUPPLEMENTS"),
                shop("PIEDMONT DENTAL GRP", "Piedmont Dental", "MEDICAL_DENTAL_CARE", confidence="HIGH"),
            ),
            often(
                "hair",
                (1, 2),
                (3_500, 9_800),
                shop("SQ *BARBER AND BLOOM", "Barber & Bloom", "PERSONAL_CARE_HAIR_AND_BEAUTY", confidence="HIGH"),
            ),
            often(
                "friends",
                (1, 3),
                (1_500, 9_000),
                ach(
                    "ZELLE TO NINA PARK",
                    "TRANSFER_OUT_TRANSFER_OUT_FROM_APPS",
                    counterparty="Zelle",
                    counterparty_type="payment_app",
                    confidence="MEDIUM",
                ),
                account_key=CHECKING,
            ),
            often(
                "cash",
                (0, 2),
                (4_000, 20_000),
                bank_line("ATM WITHDRAWAL 004417", "TRANSFER_OUT_WITHDRAWAL"),
                account_key=CHECKING,
            ),
            often(
                "holiday",
                (1, 1),
                (38_000, 142_000),
                web("ALASKA AIR 0272148820017", "Alaska Airlines", "TRAVEL_FLIGHTS"),
                shop("HYATT REGENCY", "Hyatt", "TRAVEL_LODGING"),
                odds=0.3,
            ),
            often("odd", (0, 1), (1_100, 8_900), unknown("PY *BAKE SALE 4H")),
        ),
    )
)
