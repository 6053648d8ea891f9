"""The HTTP application, put together."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from openledger_server.access.tokens import TokenKeys
from openledger_server.api import (
    ai,
    audits,
    bank_account_settings,
    banks,
    categories,
    categorization,
    categorization_settings,
    chart,
    connections,
    demo,
    docs,
    entities,
    errors,
    exchange_rates,
    health,
    integrations,
    journal_entries,
    ledger,
    link_proxy,
    periods,
    recurring_entries,
    report_files,
    report_journal,
    report_lists,
    report_overview,
    report_postings,
    reports,
    review,
    rules,
    sandbox,
    tokens,
    transaction_details,
    transaction_edits,
    transaction_views,
    transactions,
    transfers,
    web,
    webhooks,
)
from openledger_server.api.context import ApiContext, ApiSettings
from openledger_server.api.idempotency_guard import REPLAYED, IdempotencyGuard
from openledger_server.api.middleware import Guard, RequestRecord
from openledger_server.workflows.services import Services

__all__ = ["ApiSettings", "create_app"]

_TITLE = "OpenLedger"
_VERSION = "0.1.0"
_DESCRIPTION = """
Link banks, and get a categorised double-entry ledger and reports that are proved against the bank.

**Who is asking**: get a token from `POST /v1/auth/tokens` and send `Authorization: Bearer <token>`. A developer's token
acts on all of the developer's entities and stays on your server; an entity's token acts on one entity and may go to
that entity's browser.

**Which entity**: `entityId` in the query (or the older header `X-entity-ID`).

**Money**: JSON numbers in major units where older clients expect them, always with an exact decimal string beside them.

**Trying again**: every write is safe to repeat. `Idempotency-Key` makes a request and its repetitions one for 24 hours,
whatever it asks for: the first answer is given again, with `Idempotency-Replayed: true`. The same key with another
request is refused with 422, and with 409 while the first is being answered.

**Failures**: `{error, code, message, request_id}`; act upon `code`. With 503 try again after `Retry-After` seconds.
"""
_CORS_MAX_AGE_S = 600


def create_app(services: Services, settings: ApiSettings) -> FastAPI:
    """Return the API over these services, whose pool must be open while it serves."""
    context = ApiContext(
        services=services,
        settings=settings,
        token_keys=TokenKeys(settings.token_keys, settings.token_key_id),
        link_proxy=link_proxy.new_client(settings.link_proxy_url),
    )
    app = FastAPI(
        title=_TITLE,
        version=_VERSION,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        middleware=_middleware(context),
        lifespan=_closing(context),
        max_body_size=None,
        redirect_slashes=False,
    )
    app.state.context = context
    errors.install(app)
    _add_routes(app, settings)
    return app


def _add_routes(app: FastAPI, settings: ApiSettings) -> None:
    app.include_router(tokens.router)
    app.include_router(entities.router, prefix="/v1/entities")
    app.include_router(entities.router, prefix="/v1/entity", include_in_schema=False)
    for module in (
        banks,
        bank_account_settings,
        connections,
        audits,
        webhooks,
        categories,
        review,
        chart,
        rules,
        categorization,
        categorization_settings,
        transfers,
        ai,
        reports,
        report_files,
        sandbox,
        health,
        periods,
        exchange_rates,
        ledger,
        transaction_edits,
        transactions,
        journal_entries,
        recurring_entries,
        transaction_views,
        integrations,
        # last of those under /v1/transactions: it takes any name there for an id
        transaction_details,
    ):
        app.include_router(module.router)
    for module in (report_overview, report_lists, report_postings, report_journal):
        app.include_router(module.router)
    app.include_router(demo.router)
    if settings.link_proxy_url is not None:
        app.include_router(link_proxy.router)
    docs.install(app)
    if settings.web_dir is not None:
        web.install(app, settings.web_dir, with_plaid=settings.link_proxy_url is None)


def _operation_id(route: APIRoute) -> str:
    return route.name


def _middleware(context: ApiContext) -> list[Middleware]:
    """Return what stands around the application, outermost first."""
    settings = context.settings
    is_https = (settings.public_url or "").startswith("https://")
    around = [Middleware(RequestRecord, is_https=is_https)]
    if settings.cors_origins:
        around.append(
            Middleware(
                CORSMiddleware,
                allow_origins=list(settings.cors_origins),
                allow_methods=["GET", "POST", "PUT", "DELETE"],
                allow_headers=["*"],
                expose_headers=["X-Request-Id", "Retry-After", REPLAYED],
                max_age=_CORS_MAX_AGE_S,
            )
        )
    return [*around, Middleware(Guard), Middleware(IdempotencyGuard, context=context)]


def _closing(context: ApiContext) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await context.typesetter.close()
        if context.link_proxy is not None:
            await context.link_proxy.aclose()

    return lifespan
