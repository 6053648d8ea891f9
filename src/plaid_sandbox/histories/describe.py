"""Short ways to write the details of rows, as banks and Plaid word them."""

from plaid_sandbox.histories.plan import Details, Place

OAKLAND = Place(city="Oakland", region="CA", postal_code="94612", lat=37.8044, lon=-122.2712)
SAN_FRANCISCO = Place(city="San Francisco", region="CA", postal_code="94103", lat=37.7749, lon=-122.4194)
BERKELEY = Place(city="Berkeley", region="CA", postal_code="94704", lat=37.8716, lon=-122.2727)


def shop(
    raw: str,
    merchant: str,
    category: str,
    *,
    place: Place = OAKLAND,
    confidence: str | None = "VERY_HIGH",
    website: str | None = None,
) -> Details:
    """Describe a purchase at a counter."""
    return Details(
        name=f"{raw} {place.city.upper()} {place.region}",
        merchant_name=merchant,
        category=category,
        confidence=confidence,
        channel="in store",
        place=place,
        website=website,
    )


def web(
    raw: str, merchant: str, category: str, website: str | None = None, *, confidence: str | None = "VERY_HIGH"
) -> Details:
    """Describe a purchase over the internet."""
    return Details(
        name=raw, merchant_name=merchant, category=category, confidence=confidence, channel="online", website=website
    )


def unknown(raw: str, *, channel_online: bool = True) -> Details:
    """Describe a row that Plaid makes nothing of: no merchant, no category."""
    return Details(name=raw, category=None, confidence=None, channel="online" if channel_online else "in store")


def ach(
    raw: str,
    category: str,
    *,
    merchant: str | None = None,
    counterparty: str | None = None,
    counterparty_type: str = "merchant",
    confidence: str | None = "HIGH",
    payer: str | None = None,
    payee: str | None = None,
    reason: str | None = None,
    ppd_id: str | None = None,
    website: str | None = None,
) -> Details:
    """Describe an electronic payment between bank accounts."""
    meta = {"payer": payer, "payee": payee, "reason": reason, "ppd_id": ppd_id, "payment_method": "ACH"}
    return Details(
        name=raw,
        merchant_name=merchant,
        counterparty=counterparty,
        counterparty_type=counterparty_type,
        category=category,
        confidence=confidence,
        channel="other",
        payment_meta=tuple((key, value) for key, value in meta.items() if value is not None),
        website=website,
    )


def bank_line(raw: str, category: str, *, confidence: str | None = "VERY_HIGH") -> Details:
    """Describe a line the bank writes itself: fee, interest, transfer between own bank accounts."""
    return Details(name=raw, category=category, confidence=confidence, channel="other")
