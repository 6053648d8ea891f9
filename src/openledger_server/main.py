"""Where the house is wired: settings become pool, keys, bank feed and queue, those the API or the worker."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from openledger_server.api.app import ApiSettings, create_app
from openledger_server.base.db import new_pool
from openledger_server.base.vault import Vault
from openledger_server.categorization.advice.types import AdviceDesk, Prices
from openledger_server.config import ConfigurationError, Settings, environment_name
from openledger_server.jobs import worker
from openledger_server.jobs.queue import DatabaseQueue, enqueue_notices_of, new_queue_app
from openledger_server.keyrings import KeyRing, load_key_ring
from openledger_server.llm.advisors import AdvisorSettings, ClientMissingError, new_advisor
from openledger_server.plaid.client import PlaidFeed, PlaidSettings
from openledger_server.webhooks.outgoing.sender import WebhookSender
from openledger_server.workflows.services import Services


@dataclass(slots=True)
class DemoEntity:
    """Whose session anybody on this machine may have; the demo sets it once it has made its entity."""

    entity_id: int | None


@dataclass(frozen=True, slots=True)
class Keys:
    """The server's own secrets."""

    encryption: KeyRing = field(repr=False)
    """Seals what banks entrust to us."""
    tokens: KeyRing = field(repr=False)
    """Signs access tokens."""


def load_keys(settings: Settings) -> Keys:
    """Return the keys of the settings or of the data directory, where they are made at the first start.

    Raises:
        ConfigurationError: if they cannot be used.
    """
    return Keys(_ring(settings, "encryption_key"), _ring(settings, "token_key"))


def _ring(settings: Settings, name: str) -> KeyRing:
    given = getattr(settings, name)
    file = settings.data_dir / "keys" / f"{name.removesuffix('_key')}.json"
    return load_key_ring(file, given=None if given is None else given.get_secret_value(), name=environment_name(name))


@asynccontextmanager
async def open_services(settings: Settings, dsn: str) -> AsyncIterator[Services]:
    """Open what every deed needs. `dsn` is the application's connection URL.

    Raises:
        ConfigurationError: if Plaid is not configured.
    """
    keys = load_keys(settings)
    async with new_pool(dsn) as pool:
        queue = new_queue_app()
        async with queue.open_async(pool):
            yield Services(
                pool=pool,
                feed=new_feed(settings),
                queue=DatabaseQueue(queue),
                vault=Vault(keys.encryption.keys, keys.encryption.current_key_id),
                now=_now,
                notice_url=settings.notice_url,
                sender=WebhookSender(allows_loopback=settings.sandbox),
                advice=new_advice_desk(settings),
            )


def new_advice_desk(settings: Settings) -> AdviceDesk | None:
    """Return the language model that may be asked, if there is one.

    Raises:
        ConfigurationError: if its client is not installed.
    """
    if settings.llm_provider is None or settings.llm_model is None or settings.llm_api_key is None:
        return None
    wanted = AdvisorSettings(
        provider=settings.llm_provider,
        model=settings.llm_model,
        api_key=settings.llm_api_key.get_secret_value(),
        base_url=settings.llm_base_url,
    )
    try:
        advisor = new_advisor(wanted)
    except ClientMissingError as exc:
        raise ConfigurationError(str(exc)) from exc
    prices = Prices(
        input_microusd=round(settings.llm_input_price * 1_000_000),
        output_microusd=round(settings.llm_output_price * 1_000_000),
    )
    return AdviceDesk(advisor=advisor, prices=prices)


def new_feed(settings: Settings) -> PlaidFeed:
    """Return the bank feed: Plaid, or the sandbox bank that speaks its language.

    Raises:
        ConfigurationError: if there is neither.
    """
    keys = settings.plaid_keys
    if keys is None:
        raise ConfigurationError(
            "there is no bank to link: set PLAID_CLIENT_ID, PLAID_SECRET and PLAID_ENV, "
            "or try the sandbox bank (--sandbox, OPENLEDGER_SANDBOX=true)."
        )
    client_id, secret = keys
    is_sandbox = settings.plaid_env != "production"
    return PlaidFeed(
        PlaidSettings(host=settings.plaid_base_url, client_id=client_id, secret=secret, is_sandbox=is_sandbox)
    )


@asynccontextmanager
async def open_application(settings: Settings, dsn: str, demo: DemoEntity) -> AsyncIterator[Any]:
    """Open the HTTP API as an ASGI application."""
    async with open_services(settings, dsn) as services:
        yield create_app(services, _api_settings(settings, demo))


def _api_settings(settings: Settings, demo: DemoEntity) -> ApiSettings:
    tokens = load_keys(settings).tokens
    return ApiSettings(
        public_url=settings.public_url,
        cors_origins=settings.cors_origins,
        web_dir=settings.web_dir,
        link_proxy_url=settings.plaid_url if settings.sandbox else None,
        token_keys=tokens.keys,
        token_key_id=tokens.current_key_id,
        demo_entity_id=lambda: demo.entity_id,
    )


async def handle_webhooks_again(dsn: str, items: set[tuple[int, int]]) -> None:
    """Ask for the waiting webhooks of these (entity, item) pairs to be handled."""
    async with new_pool(dsn) as pool:
        queue = new_queue_app()
        async with queue.open_async(pool):
            await enqueue_notices_of(pool, DatabaseQueue(queue), items)


async def run_worker(settings: Settings, dsn: str, *, on_ready: Callable[[], None]) -> None:
    """Work on the queue until a signal asks to stop."""
    async with open_services(settings, dsn) as services:
        on_ready()
        await worker.run_worker(services)


def _now() -> datetime:
    return datetime.now(UTC)
