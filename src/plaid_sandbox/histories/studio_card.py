"""What the design studio puts on its card: tools, coffee, meals, trips, purchases."""

from dataclasses import dataclass

from plaid_sandbox.histories.describe import BERKELEY, SAN_FRANCISCO, shop, unknown, web
from plaid_sandbox.histories.patterns import CARD, EVERY_MONTH, Habit, Standing
from plaid_sandbox.histories.plan import Details, Place

_SOFTWARE = "GENERAL_SERVICES_OTHER_GENERAL_SERVICES"
_RIDE = "TRANSPORTATION_TAXIS_AND_RIDE_SHARES"
_ONLINE_SHOP = "GENERAL_MERCHANDISE_ONLINE_MARKETPLACES"
_OFFICE = "GENERAL_MERCHANDISE_OFFICE_SUPPLIES"
_RESTAURANT = "FOOD_AND_DRINK_RESTAURANT"
_COFFEE = "FOOD_AND_DRINK_COFFEE"


def _tool(
    key: str, day: int, cents: int, details: Details, *, months: tuple[int, ...] = EVERY_MONTH, spread: float = 0.0
) -> Standing:
    return Standing(key=key, account_key=CARD, day=day, cents=cents, details=details, months=months, spread=spread)


STANDING = (
    _tool("adobe", 6, 18_996, web("ADOBE *CREATIVE CLOUD 408-536-6000 CA", "Adobe", _SOFTWARE, "adobe.com")),
    _tool("figma", 3, 9_000, web("FIGMA MONTHLY RENEWAL SAN FRANCISCO CA", "Figma", _SOFTWARE, "figma.com")),
    _tool(
        "google workspace",
        1,
        7_200,
        web("GOOGLE *GSUITE_STUDIO CC@GOOGLE.COM", "Google Workspace", _SOFTWARE, "workspace.google.com"),
    ),
    _tool("slack", 8, 5_250, web("SLACK T02BK7QLD DUBLIN", "Slack", _SOFTWARE, "slack.com", confidence="HIGH")),
    _tool("notion", 10, 4_800, web("NOTION LABS, INC. SAN FRANCISCO", "Notion", _SOFTWARE, "notion.so")),
    _tool("github", 12, 2_100, web("GITHUB, INC. GITHUB.COM", "GitHub", _SOFTWARE, "github.com")),
    _tool("dropbox", 19, 5_400, web("DROPBOX*8Q4TV2M DROPBOX.COM", "Dropbox", _SOFTWARE, "dropbox.com")),
    _tool("zoom", 21, 4_797, web("ZOOM.US 888-799-9666 SAN JOSE CA", "Zoom", _SOFTWARE, "zoom.us")),
    _tool(
        "webflow",
        15,
        7_400,
        web("WEBFLOW.COM SAN FRANCISCO CA", "Webflow", _SOFTWARE, "webflow.com", confidence="HIGH"),
    ),
    _tool(
        "aws",
        3,
        6_318,
        web("AMAZON WEB SERVICES AWS.AMAZON.CO", "Amazon Web Services", _SOFTWARE, "aws.amazon.com"),
        spread=0.4,
    ),
    _tool("mailchimp", 24, 4_500, web("MAILCHIMP *MISC ATLANTA GA", "Mailchimp", _SOFTWARE, "mailchimp.com")),
    _tool(
        "1password", 26, 3_995, web("1PASSWORD TORONTO", "1Password", _SOFTWARE, "1password.com", confidence="MEDIUM")
    ),
    _tool(
        "phone",
        16,
        16_842,
        web("VZWRLSS*APOCC VISB 800-922-0204 FL", "Verizon", "RENT_AND_UTILITIES_TELEPHONE", "verizon.com"),
    ),
    _tool(
        "fonts",
        22,
        19_900,
        web("MYFONTS WOBURN MA", "MyFonts", _SOFTWARE, "myfonts.com", confidence="LOW"),
        months=(2, 7, 10),
    ),
    _tool(
        "domains",
        13,
        8_640,
        web("NAME-CHEAP.COM* V4KQ1S", "Namecheap", _SOFTWARE, "namecheap.com", confidence="HIGH"),
        months=(1, 6, 9),
    ),
    _tool(
        "coworking",
        7,
        4_500,
        web("EASTBAY MAKERS GUILD", "East Bay Makers Guild", "GENERAL_SERVICES_EDUCATION", confidence="LOW"),
        months=(1, 4, 7, 10),
    ),
)

COFFEE_COUNTER = shop("SQ *RED DOOR COFFEE", "Red Door Coffee", _COFFEE, confidence="HIGH")
COFFEE_CENTS = 475
HABITS: tuple[Habit, ...] = (
    Habit(
        key="coffee",
        account_key=CARD,
        times=(5, 8),
        prices=(395, 450, 475, 525, 610, 895, 1_150),
        details=(
            COFFEE_COUNTER,
            shop("STARBUCKS STORE 05734", "Starbucks", _COFFEE, website="starbucks.com"),
            shop(
                "BLUE BOTTLE COFFEE", "Blue Bottle Coffee", _COFFEE, place=SAN_FRANCISCO, website="bluebottlecoffee.com"
            ),
            shop("PEETS COFFEE 01802", "Peet's Coffee", _COFFEE, place=BERKELEY, website="peets.com"),
        ),
    ),
    Habit(
        key="meals",
        account_key=CARD,
        times=(5, 7),
        cents=(1_390, 9_800),
        details=(
            shop("TST* CAMINO RESTAURANT", "Camino", _RESTAURANT, confidence="HIGH"),
            shop("SQ *BURMA SUPERSTAR", "Burma Superstar", _RESTAURANT, confidence="HIGH"),
            shop("CHIPOTLE 1187", "Chipotle Mexican Grill", "FOOD_AND_DRINK_FAST_FOOD", website="chipotle.com"),
            shop(
                "SWEETGREEN JACKSON SQ",
                "sweetgreen",
                "FOOD_AND_DRINK_FAST_FOOD",
                place=SAN_FRANCISCO,
                website="sweetgreen.com",
            ),
            web("DOORDASH*THAI NOODLE WWW.DOORDASH.", "DoorDash", _RESTAURANT, "doordash.com", confidence="HIGH"),
            shop("TST* SWAN OYSTER DEPOT", "Swan Oyster Depot", _RESTAURANT, place=SAN_FRANCISCO, confidence="MEDIUM"),
        ),
    ),
    Habit(
        key="groceries",
        account_key=CARD,
        times=(1, 2),
        cents=(1_840, 7_600),
        details=(
            shop("TRADER JOE S #203", "Trader Joe's", "FOOD_AND_DRINK_GROCERIES", website="traderjoes.com"),
            shop("COSTCO WHSE #0422", "Costco", "GENERAL_MERCHANDISE_SUPERSTORES", website="costco.com"),
        ),
    ),
    Habit(
        key="rides",
        account_key=CARD,
        times=(1, 3),
        cents=(980, 4_400),
        details=(
            web("UBER *TRIP HELP.UBER.COM CA", "Uber", _RIDE, "uber.com"),
            web("LYFT *RIDE THU 6PM", "Lyft", _RIDE, "lyft.com"),
        ),
    ),
    Habit(
        key="transit",
        account_key=CARD,
        times=(1, 3),
        prices=(1_000, 2_000, 4_800),
        details=(shop("BART-CLIPPER 12TH ST", "BART", "TRANSPORTATION_PUBLIC_TRANSIT", website="bart.gov"),),
    ),
    Habit(
        key="car",
        account_key=CARD,
        times=(1, 2),
        cents=(450, 6_800),
        details=(
            shop("SHELL OIL 57444212505", "Shell", "TRANSPORTATION_GAS", website="shell.com"),
            shop("PARKMOBILE 770-818-9036", "ParkMobile", "TRANSPORTATION_PARKING", website="parkmobile.io"),
            shop("CHEVRON 0092113", "Chevron", "TRANSPORTATION_GAS", website="chevron.com"),
        ),
    ),
    Habit(
        key="amazon",
        account_key=CARD,
        times=(2, 4),
        cents=(1_120, 14_900),
        has_reference=True,
        details=(web("AMZN MKTP US*", "Amazon", _ONLINE_SHOP, "amazon.com", confidence="VERY_HIGH"),),
    ),
    Habit(
        key="office supplies",
        account_key=CARD,
        times=(1, 2),
        cents=(1_480, 16_500),
        details=(
            shop("STAPLES 00110742", "Staples", _OFFICE, website="staples.com"),
            shop("BLICK ART 800 447 1892", "Blick Art Materials", _OFFICE, confidence="HIGH"),
            shop(
                "FEDEX OFFICE 800000836",
                "FedEx Office",
                "GENERAL_SERVICES_OTHER_GENERAL_SERVICES",
                confidence="MEDIUM",
                website="fedex.com",
            ),
        ),
    ),
    Habit(
        key="post",
        account_key=CARD,
        times=(1, 2),
        cents=(890, 5_200),
        details=(
            shop("USPS PO 0556700940", "USPS", "GENERAL_SERVICES_POSTAGE_AND_SHIPPING", website="usps.com"),
            web("UPS* 1Z8R47E20391", "UPS", "GENERAL_SERVICES_POSTAGE_AND_SHIPPING", "ups.com"),
        ),
    ),
    Habit(
        key="advertising",
        account_key=CARD,
        times=(1, 3),
        cents=(9_000, 38_000),
        has_reference=True,
        details=(
            web("GOOGLE *ADS", "Google Ads", _SOFTWARE, "ads.google.com", confidence="HIGH"),
            web("FACEBK *", "Meta Ads", _SOFTWARE, "facebook.com", confidence="MEDIUM"),
        ),
    ),
    Habit(
        key="hardware",
        account_key=CARD,
        times=(1, 1),
        cents=(24_900, 189_900),
        odds=0.22,
        details=(
            shop("APPLE STORE #R217", "Apple", "GENERAL_MERCHANDISE_ELECTRONICS", website="apple.com"),
            web("B&H PHOTO 800-606-6969 NY", "B&H Photo", "GENERAL_MERCHANDISE_ELECTRONICS", "bhphotovideo.com"),
            shop("IKEA EMERYVILLE", "IKEA", "HOME_IMPROVEMENT_FURNITURE", website="ikea.com"),
        ),
    ),
    Habit(
        key="learning",
        account_key=CARD,
        times=(1, 1),
        cents=(1_499, 29_900),
        odds=0.4,
        details=(
            web("SKILLSHARE.COM NEW YORK NY", "Skillshare", "GENERAL_SERVICES_EDUCATION", "skillshare.com"),
            shop("MOES BOOKS", "Moe's Books", "GENERAL_MERCHANDISE_BOOKSTORES_AND_NEWSSTANDS", place=BERKELEY),
        ),
    ),
    Habit(
        key="odd ones",
        account_key=CARD,
        times=(1, 1),
        cents=(1_900, 22_000),
        odds=0.7,
        details=(
            unknown("PY *LUMEN GOODS 415-555-0148"),
            unknown("CKE*HALF MOON 7731", channel_online=False),
            unknown("SP PAPERCUT SUPPLY"),
            unknown("2CO.COM*STOCKROOM"),
        ),
    ),
    Habit(
        key="gifts",
        account_key=CARD,
        times=(1, 1),
        cents=(3_500, 14_000),
        odds=0.2,
        details=(
            web("PAYPAL *ETSY INC", "Etsy", "GENERAL_MERCHANDISE_GIFTS_AND_NOVELTIES", "etsy.com", confidence="HIGH"),
            web(
                "DONORBOX EAST BAY ARTS", "East Bay Arts Fund", "GOVERNMENT_AND_NON_PROFIT_DONATIONS", confidence="HIGH"
            ),
        ),
    ),
)

FOREIGN_PURCHASE = web("ENVATO *8841120 MELBOURNE AU", "Envato", _SOFTWARE, "envato.com", confidence="HIGH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where the studio travels to see a client."""

    flight: Details
    hotel: Details
    dinners: tuple[Details, ...]


def _destination(
    place: Place, flight: tuple[str, str, str], hotel: tuple[str, str, str], dinners: tuple[tuple[str, str], ...]
) -> Destination:
    return Destination(
        flight=web(flight[0], flight[1], "TRAVEL_FLIGHTS", flight[2]),
        hotel=shop(hotel[0], hotel[1], "TRAVEL_LODGING", place=place, website=hotel[2]),
        dinners=tuple(shop(raw, name, _RESTAURANT, place=place, confidence="HIGH") for raw, name in dinners),
    )


DESTINATIONS = (
    _destination(
        Place(city="New York", region="NY", postal_code="10018", lat=40.7549, lon=-73.984),
        ("DELTA AIR 0062341187733 ATLANTA", "Delta Air Lines", "delta.com"),
        ("ACE HOTEL", "Ace Hotel", "acehotel.com"),
        (("TST* VIA CAROTA", "Via Carota"), ("JOES PIZZA BROADWAY", "Joe's Pizza")),
    ),
    _destination(
        Place(city="Seattle", region="WA", postal_code="98101", lat=47.6101, lon=-122.3421),
        ("ALASKA AIR 0272148820017 SEATTLE", "Alaska Airlines", "alaskaair.com"),
        ("HYATT REGENCY", "Hyatt", "hyatt.com"),
        (("SQ *PIKE PLACE CHOWDER", "Pike Place Chowder"), ("TST* WALRUS CARPENTER", "The Walrus and the Carpenter")),
    ),
    _destination(
        Place(city="Austin", region="TX", postal_code="78701", lat=30.2672, lon=-97.7431),
        ("SOUTHWES 5262114408817", "Southwest Airlines", "southwest.com"),
        ("MARRIOTT DOWNTOWN", "Marriott", "marriott.com"),
        (("TST* FRANKLIN BARBECUE", "Franklin Barbecue"), ("SQ *VERACRUZ ALL NATURAL", "Veracruz All Natural")),
    ),
    _destination(
        Place(city="Chicago", region="IL", postal_code="60601", lat=41.8781, lon=-87.6298),
        ("UNITED 0162377104458", "United Airlines", "united.com"),
        ("HILTON CHICAGO", "Hilton", "hilton.com"),
        (("TST* AU CHEVAL", "Au Cheval"), ("GIORDANOS RUSH ST", "Giordano's")),
    ),
)
TRIP_RIDE = web("UBER *TRIP HELP.UBER.COM CA", "Uber", _RIDE, "uber.com")
