"""What the routes are given: the services, the API's own settings, and the few things it keeps open."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import httpx
from fastapi import Depends, Request

from openledger_server.access.tokens import TokenKeys
from openledger_server.documents.typesetter import Typesetter
from openledger_server.workflows.services import Services

_LINKS_AT_ONCE = 3
"""Linking holds a database connection while the provider is asked, so it may not take all of them."""
_FILES_AT_ONCE = 2
"""Workbooks and CSV are made in threads; more of them at once would only slow each other and everybody else."""


def _no_demo_entity() -> int | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    """How the API presents itself."""

    token_keys: dict[str, bytes] = field(repr=False)
    """Keys of 32 bytes by id, which sign access tokens."""
    token_key_id: str
    """The one that signs new tokens."""
    public_url: str | None = None
    """Where browsers reach this server, without a slash at the end; None = as the request says."""
    cors_origins: tuple[str, ...] = ()
    """The web origins whose pages may call the API; "*" for all."""
    web_dir: Path | None = None
    """A built web app to serve at `/`."""
    link_proxy_url: str | None = None
    """The sandbox bank, whose Link files are then served under /sandbox/link; None with real banks."""
    demo_entity_id: Callable[[], int | None] = _no_demo_entity
    """The entity whose session GET /demo/session gives to anybody on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiContext:
    """Everything a route may use."""

    services: Services
    settings: ApiSettings
    token_keys: TokenKeys
    link_proxy: httpx.AsyncClient | None
    link_slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_LINKS_AT_ONCE))
    typesetter: Typesetter = field(default_factory=Typesetter)
    file_slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_FILES_AT_ONCE))


def context_of(request: Request) -> ApiContext:
    """Return the context of the application that serves this request."""
    context = request.app.state.context
    assert isinstance(context, ApiContext)
    return context


Context = Annotated[ApiContext, Depends(context_of)]
