"""Which published client is asking. One answer has two shapes that exclude each other."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header

_VERSION = re.compile(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})")
# From these on the clients fail on anything but a bare array. Measured with exactly these two.
_BARE_ARRAY_SINCE = {"python": (4, 20, 5), "typescript": (0, 51, 10), "javascript": (0, 51, 10)}


@dataclass(frozen=True, slots=True)
class Fern:
    """What the generator's clients say about themselves."""

    language: str
    version: str


async def fern_headers(
    language: Annotated[str, Header(alias="X-Fern-Language", include_in_schema=False)] = "",
    version: Annotated[str, Header(alias="X-Fern-SDK-Version", include_in_schema=False)] = "",
) -> Fern:
    """Return what the request's headers say; empty for other clients."""
    return Fern(language=language.strip().lower(), version=version.strip())


FernHeaders = Annotated[Fern, Depends(fern_headers)]


def wants_bare_array(fern: Fern) -> bool:
    """Return whether PUT banks/accounts must answer this client with a bare array."""
    match = _VERSION.match(fern.version)
    if match is None:
        return False
    version = tuple(int(part) for part in match.groups())
    since = _BARE_ARRAY_SINCE.get(fern.language)
    if since is None:
        return not fern.language and version in _BARE_ARRAY_SINCE.values()
    return version >= since
