"""The banks of the sandbox, with Plaid's own sandbox ids and names."""

import base64
import struct
import zlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from plaid_sandbox.clock import iso
from plaid_sandbox.errors import PlaidError

_LOGO_SIZE = 152
_PRODUCTS = ("assets", "auth", "balance", "identity", "investments", "liabilities", "transactions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution:
    """A bank that can be linked."""

    institution_id: str
    name: str
    primary_color: str
    country_codes: tuple[str, ...] = ("US",)
    oauth: bool = False
    health: str = "HEALTHY"
    is_supported: bool = True
    routing_numbers: tuple[str, ...] = ("011000138", "011200365", "011401533")


_ALL = (
    Institution(institution_id="ins_109508", name="First Platypus Bank", primary_color="#1f6f78"),
    Institution(institution_id="ins_109509", name="First Gingham Credit Union", primary_color="#8a3b5c"),
    Institution(institution_id="ins_109510", name="Tattersall Federal Credit Union", primary_color="#5b4a9e"),
    Institution(institution_id="ins_109511", name="Tartan Bank", primary_color="#a13d2d"),
    Institution(institution_id="ins_109512", name="Houndstooth Bank", primary_color="#2f3b4c"),
    Institution(institution_id="ins_130016", name="First Platypus Balance Bank", primary_color="#27665a"),
    Institution(
        institution_id="ins_43", name="Tartan-Dominion Bank of Canada", primary_color="#7d2a2a", country_codes=("CA",)
    ),
    Institution(
        institution_id="ins_116834",
        name="Flexible Platypus Open Banking",
        primary_color="#33568a",
        country_codes=("GB",),
        oauth=True,
    ),
    Institution(
        institution_id="ins_117650", name="Royal Bank of Plaid", primary_color="#4b3c78", country_codes=("GB",)
    ),
    Institution(
        institution_id="ins_117181",
        name="Flexible Platypus Open Banking, QR code",
        primary_color="#33568a",
        country_codes=("GB",),
        oauth=True,
    ),
    Institution(institution_id="ins_127287", name="Platypus OAuth Bank", primary_color="#1b5e8c", oauth=True),
    Institution(
        institution_id="ins_132241", name="First Platypus OAuth App2App Bank", primary_color="#1b5e8c", oauth=True
    ),
    Institution(institution_id="ins_135858", name="Windowpane Bank", primary_color="#3a6b35"),
    Institution(
        institution_id="ins_132363",
        name="Unhealthy Platypus Bank - Degraded",
        primary_color="#7a5c1e",
        health="DEGRADED",
    ),
    Institution(
        institution_id="ins_132361", name="Unhealthy Platypus Bank - Down", primary_color="#6b6b6b", health="DOWN"
    ),
    Institution(
        institution_id="ins_133402", name="Unsupported Platypus Bank", primary_color="#6b6b6b", is_supported=False
    ),
    Institution(institution_id="ins_133502", name="Seersucker Bank", primary_color="#4d6d3a"),
    Institution(institution_id="ins_133503", name="Herringbone Savings Bank", primary_color="#7a4f2b"),
)
BY_ID = {institution.institution_id: institution for institution in _ALL}


def institution_by_id(institution_id: str, *, country_codes: list[str] | None = None) -> Institution:
    """Return the bank with this id, in one of the countries if given.

    Raises:
        PlaidError: `INVALID_INSTITUTION` if there is none.
    """
    found = BY_ID.get(institution_id)
    if found is None or (country_codes is not None and not set(country_codes) & set(found.country_codes)):
        raise PlaidError("INVALID_INSTITUTION")
    return found


def institutions_in(country_codes: list[str], *, oauth: bool | None = None) -> list[Institution]:
    """Return the supported banks of these countries in a stable order."""
    return [
        institution
        for institution in _ALL
        if institution.is_supported
        and set(country_codes) & set(institution.country_codes)
        and (oauth is None or institution.oauth == oauth)
    ]


def matching(found: list[Institution], query: str) -> list[Institution]:
    """Return those whose name holds every word of the query, upper and lower case alike."""
    words = query.casefold().split()
    return [institution for institution in found if all(word in institution.name.casefold() for word in words)]


def wire(
    institution: Institution, options: dict[str, Any], *, now: datetime, health: str | None = None
) -> dict[str, Any]:
    """Return Plaid's Institution object; optional parts as the request's options say. `health` is how it is now."""
    body: dict[str, Any] = {
        "country_codes": list(institution.country_codes),
        "connection_availability": "SUPPORTED" if institution.is_supported else "NOT_SUPPORTED",
        "dtc_numbers": [],
        "institution_id": institution.institution_id,
        "name": institution.name,
        "oauth": institution.oauth,
        "products": list(_PRODUCTS),
        "routing_numbers": list(institution.routing_numbers) if "US" in institution.country_codes else [],
    }
    if options.get("include_optional_metadata"):
        body |= {
            "url": "https://plaid.com/docs/sandbox/",
            "primary_color": institution.primary_color,
            "logo": _logo(institution.primary_color),
        }
    if options.get("include_status"):
        body["status"] = _status(health or institution.health, now)
    if options.get("include_auth_metadata"):
        body["auth_metadata"] = None
    if options.get("include_payment_initiation_metadata"):
        body["payment_initiation_metadata"] = None
    return body


def _status(health: str, now: datetime) -> dict[str, Any]:
    success = {"HEALTHY": 0.987, "DEGRADED": 0.612, "DOWN": 0.0}[health]
    since = iso(now.replace(hour=0, minute=0, second=0))
    breakdown: dict[str, Any] = {
        "success": success,
        "error_plaid": 0.0,
        "error_institution": round(1 - success, 3),
    }
    interval = "STOPPED" if health == "DOWN" else "NORMAL"
    entry = {"status": health, "last_status_change": since, "breakdown": breakdown}
    updates = {**entry, "breakdown": {**breakdown, "refresh_interval": interval}}
    return {"item_logins": entry, "transactions_updates": updates, "auth": entry}


@cache
def _logo(color: str) -> str:
    """Return a base64 PNG of 152 x 152 pixels: a disc of the bank's colour on white."""
    ink = bytes.fromhex(color[1:])
    radius, middle = _LOGO_SIZE * 0.46, (_LOGO_SIZE - 1) / 2
    rows = bytearray()
    for y in range(_LOGO_SIZE):
        rows.append(0)
        for x in range(_LOGO_SIZE):
            inside = (x - middle) ** 2 + (y - middle) ** 2 <= radius**2
            rows += ink if inside else b"\xff\xff\xff"
    header = struct.pack(">IIBBBBB", _LOGO_SIZE, _LOGO_SIZE, 8, 2, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + _chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + chunks).decode("ascii")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
