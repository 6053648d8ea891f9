"""Whether the server lives, and whether it can work."""

from fastapi import APIRouter, Request, Response

from openledger_server.api.context import Context
from openledger_server.api.errors import ErrorBody, error_answer
from openledger_server.api.wire import Wire
from openledger_server.base.db import DATABASE_FAILURES
from openledger_server.base.readiness import missing_migrations

router = APIRouter(prefix="/health", tags=["Health"])

_TIMEOUT_S = 2.0


class Health(Wire):
    """How the server is."""

    status: str


@router.get("/live", summary="Does the process answer?")
async def get_liveness() -> Health:
    """Answer, whatever the state of everything else."""
    return Health(status="live")


@router.get(
    "/ready",
    summary="Can the server work?",
    response_model=Health,
    responses={503: {"model": ErrorBody, "description": "Not ready; the sentence says why"}},
)
async def get_readiness(request: Request, context: Context) -> Health | Response:
    """Look at the database: reachable, and migrated to what this version needs."""
    try:
        missing = await missing_migrations(context.services.pool, timeout_s=_TIMEOUT_S)
    except DATABASE_FAILURES:
        return error_answer(
            request.scope, status=503, code="DATABASE_UNAVAILABLE", message="The database does not answer."
        )
    if missing:
        return error_answer(
            request.scope,
            status=503,
            code="DATABASE_NOT_MIGRATED",
            message=f"The database lacks {len(missing)} migrations. Run: openledger migrate.",
        )
    return Health(status="ready")
