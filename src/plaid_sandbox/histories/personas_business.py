"""`user_freelancer`, `user_cafe` and `user_shop`: three small businesses."""

from plaid_sandbox.histories import persona_parts as parts
from plaid_sandbox.histories.describe import ach, bank_line, shop, unknown, web
from plaid_sandbox.histories.patterns import CARD, CHECKING, SAVINGS
from plaid_sandbox.histories.persona import Persona, Takings, known
from plaid_sandbox.histories.persona_parts import client, monthly, often, payout

_EVERY_DAY, _WORKDAYS = (0, 1, 2, 3, 4, 5, 6), (0, 1, 2, 3, 4)

FREELANCER = known(
    Persona(
        key="freelancer",
        accounts=(
            parts.checking("3301"),
            parts.savings("3318", name="Tax Savings"),
            parts.card("3340", 12_000),
        ),
        opening={CHECKING: 900_000, SAVINGS: 1_200_000, CARD: 0},
        keep=900_000,
        floor=500_000,
        swept=parts.SWEPT,
        swept_in=parts.SWEPT_IN,
        filled=parts.FILLED,
        filled_out=parts.FILLED_OUT,
        paid=parts.PAID,
        paid_in=parts.PAID_IN,
        standing=(
            monthly("retainer", 4, -420_000, client("Juniper Labs", "JUNIPER LABS INC"), late_days=6),
            monthly("draw", 15, 560_000, parts.OWNER_DRAW),
            monthly("health", 2, 54_280, ach("KAISER FDN HEALTH PLAN PREMIUM", parts.INSURANCE, merchant="Kaiser")),
            monthly("tax", 15, 280_000, parts.IRS, months=parts.EVERY_QUARTER),
            monthly(
                "desk", 1, 32_500, ach("INDUSTRIOUS OAKLAND DESK", "RENT_AND_UTILITIES_RENT", merchant="Industrious")
            ),
            monthly("phone", 16, 8_512, parts.PHONE, account_key=CARD),
            monthly("editor", 6, 2_000, web("JETBRAINS AMERICAS", "JetBrains", parts.SOFTWARE), account_key=CARD),
            monthly("github", 12, 1_200, web("GITHUB, INC. GITHUB.COM", "GitHub", parts.SOFTWARE), account_key=CARD),
            monthly("interest", 28, -1_180, parts.INTEREST, account_key=SAVINGS, spread=0.2),
        ),
        habits=(
            often(
                "projects",
                (1, 2),
                (-480_000, -120_000),
                client("Orchard Street Press", "ORCHARD ST PRESS"),
                client("Copper Kettle Media", "COPPER KETTLE", confidence="MEDIUM"),
                client("Lumen Transit", "LUMEN TRANSIT", confidence="VERY_HIGH"),
                account_key=CHECKING,
            ),
            often("coffee", (6, 10), (395, 1_250), parts.COFFEE),
            often("lunch", (4, 8), (1_050, 3_400), parts.LUNCH, parts.DINNER),
            often("gear", (1, 2), (1_900, 42_000), parts.AMAZON, has_reference=True),
            often("rides", (1, 4), (900, 4_100), parts.UBER),
            often(
                "train", (0, 2), (2_400, 9_800), web("AMTRAK .COM 6091104", "Amtrak", "TRANSPORTATION_PUBLIC_TRANSIT")
            ),
            often("odd", (0, 1), (1_900, 15_000), unknown("SP HALFMOON STORE"), unknown("PY *KITE WORKS 415-555-0132")),
        ),
    )
)

CAFE = known(
    Persona(
        key="cafe",
        accounts=(parts.checking("5102"), parts.card("5177", 20_000)),
        opening={CHECKING: 2_400_000, CARD: 0},
        keep=2_600_000,
        floor=1_700_000,
        swept=parts.OWNER_DRAW,
        filled=parts.OWNER_IN,
        paid=parts.PAID,
        paid_in=parts.PAID_IN,
        takings=(
            Takings(
                key="square",
                account_key=CHECKING,
                weekdays=_EVERY_DAY,
                cents=(72_000, 218_000),
                lag_days=1,
                details=payout("Square", "SQUARE INC SDV PPD ID: 9424300002"),
            ),
            Takings(
                key="delivery",
                account_key=CHECKING,
                weekdays=(0,),
                cents=(38_000, 94_000),
                lag_days=2,
                details=payout("DoorDash", "DOORDASH INC PAYOUT CCD", "marketplace"),
            ),
        ),
        standing=(
            monthly(
                "rent", 1, 540_000, ach("TEMESCAL CORNER LLC RENT", "RENT_AND_UTILITIES_RENT", merchant="Temescal")
            ),
            monthly("power", 11, 96_400, parts.CITY_POWER, spread=0.3),
            monthly(
                "wages one", 5, 880_000, ach("GUSTO NET PAYROLL CCD", parts.SOFTWARE, merchant="Gusto"), spread=0.08
            ),
            monthly(
                "wages two", 20, 880_000, ach("GUSTO NET PAYROLL CCD", parts.SOFTWARE, merchant="Gusto"), spread=0.08
            ),
            monthly("wage tax", 20, 410_000, ach("GUSTO TAX CCD", parts.TAX, merchant="Gusto"), spread=0.08),
            monthly(
                "sales tax", 24, 720_000, ach("CDTFA EPMT SALES TAX", parts.TAX, merchant="CDTFA"), months=(1, 4, 7, 10)
            ),
            monthly("insurance", 18, 48_900, ach("HISCOX INC INS PREMIUM", parts.INSURANCE, merchant="Hiscox")),
            monthly("fee", 28, 2_500, parts.SERVICE_FEE),
        ),
        habits=(
            often(
                "beans",
                (4, 5),
                (68_000, 145_000),
                ach("MR ESPRESSO WHOLESALE CCD", "FOOD_AND_DRINK_COFFEE", merchant="Mr. Espresso"),
                account_key=CHECKING,
            ),
            often(
                "milk",
                (7, 9),
                (18_000, 46_000),
                ach("CLOVER SONOMA DAIRY CCD", parts.GROCERIES, merchant="Clover Sonoma", confidence="MEDIUM"),
                account_key=CHECKING,
            ),
            often(
                "cash in",
                (3, 5),
                (-62_000, -18_000),
                bank_line("CASH DEPOSIT BRANCH 0417", "TRANSFER_IN_DEPOSIT"),
                account_key=CHECKING,
            ),
            often(
                "supplies",
                (5, 8),
                (4_200, 38_000),
                parts.COSTCO,
                shop("RESTAURANT DEPOT 512", "Restaurant Depot", "GENERAL_MERCHANDISE_SUPERSTORES", confidence="HIGH"),
            ),
            often(
                "repairs",
                (1, 1),
                (12_000, 94_000),
                shop("GRAINGER 9921", "Grainger", "HOME_IMPROVEMENT_REPAIR_AND_MAINTENANCE"),
                odds=0.5,
            ),
            often("ads", (1, 2), (5_000, 22_000), parts.META_ADS, has_reference=True),
            often(
                "odd",
                (1, 2),
                (900, 19_000),
                unknown("CKE*CORNER HARDWARE"),
                unknown("SQ *FLEA MARKET STALL", channel_online=False),
            ),
        ),
    )
)

SHOP = known(
    Persona(
        key="shop",
        accounts=(parts.checking("6208"), parts.savings("6216"), parts.card("6299", 30_000)),
        opening={CHECKING: 1_800_000, SAVINGS: 2_000_000, CARD: 0},
        keep=2_400_000,
        floor=1_500_000,
        swept=parts.SWEPT,
        swept_in=parts.SWEPT_IN,
        filled=parts.FILLED,
        filled_out=parts.FILLED_OUT,
        paid=parts.PAID,
        paid_in=parts.PAID_IN,
        takings=(
            Takings(
                key="shopify",
                account_key=CHECKING,
                weekdays=_WORKDAYS,
                cents=(41_000, 192_000),
                lag_days=2,
                details=payout("Shopify", "SHOPIFY TRANSFER CCD", "marketplace"),
            ),
            Takings(
                key="amazon",
                account_key=CHECKING,
                weekdays=(2,),
                cents=(88_000, 310_000),
                lag_days=3,
                details=payout("Amazon", "AMAZON.COM SVCS PAYMENTS CCD", "marketplace"),
            ),
            Takings(
                key="paypal",
                account_key=CHECKING,
                weekdays=(4,),
                cents=(12_000, 68_000),
                lag_days=1,
                details=payout("PayPal", "PAYPAL TRANSFER PPD", "payment_app"),
            ),
        ),
        standing=(
            monthly("draw", 15, 1_350_000, parts.OWNER_DRAW),
            monthly(
                "store room",
                1,
                145_000,
                ach("EXTRA SPACE STORAGE 1104", "GENERAL_SERVICES_STORAGE", merchant="Extra Space Storage"),
            ),
            monthly(
                "shopify plan",
                3,
                10_500,
                web("SHOPIFY* 214889041", "Shopify", parts.SOFTWARE, "shopify.com"),
                account_key=CARD,
            ),
            monthly(
                "mail",
                9,
                4_500,
                web("KLAVIYO INC. SOFTWARE", "Klaviyo", parts.SOFTWARE, confidence="HIGH"),
                account_key=CARD,
            ),
            monthly("tax", 15, 410_000, parts.IRS, months=parts.EVERY_QUARTER),
            monthly("interest", 28, -2_240, parts.INTEREST, account_key=SAVINGS, spread=0.2),
            monthly(
                "helper",
                7,
                240_000,
                ach("GUSTO NET PAYROLL CCD", parts.SOFTWARE, merchant="Gusto", confidence="MEDIUM"),
            ),
        ),
        habits=(
            often(
                "goods",
                (2, 4),
                (180_000, 620_000),
                ach("ALIBABA.COM SUPPLIER PMT", parts.ONLINE_SHOP, merchant="Alibaba", confidence="MEDIUM"),
                ach(
                    "WISE INC GUANGZHOU TEXTILE",
                    "TRANSFER_OUT_TRANSFER_OUT_FROM_APPS",
                    counterparty="Wise",
                    counterparty_type="payment_app",
                    confidence="LOW",
                ),
                account_key=CHECKING,
            ),
            often(
                "postage",
                (9, 14),
                (1_100, 18_500),
                web("STAMPS.COM POSTAGE", "Stamps.com", "GENERAL_SERVICES_POSTAGE_AND_SHIPPING"),
                parts.POST,
            ),
            often(
                "boxes",
                (1, 3),
                (4_800, 29_000),
                web("ULINE *SHIP SUPPLIES", "Uline", "GENERAL_MERCHANDISE_OFFICE_SUPPLIES", "uline.com"),
            ),
            often("ads", (5, 8), (9_000, 52_000), parts.GOOGLE_ADS, parts.META_ADS, has_reference=True),
            often(
                "returns",
                (0, 2),
                (-24_000, -3_000),
                web("ULINE *SHIP SUPPLIES", "Uline", "GENERAL_MERCHANDISE_OFFICE_SUPPLIES"),
            ),
            often(
                "chargebacks",
                (1, 1),
                (2_400, 18_900),
                bank_line("SHOPIFY CHARGEBACK", "BANK_FEES_OTHER_BANK_FEES", confidence="LOW"),
                account_key=CHECKING,
                odds=0.4,
            ),
            often("odd", (0, 2), (1_400, 21_000), unknown("2CO.COM*PIXELSTOCK"), unknown("SP PAPERCUT SUPPLY")),
        ),
    )
)
