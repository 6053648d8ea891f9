"""The sandbox bank's Link files and sessions on this server's own origin; mounted with the sandbox bank only."""

import re
from typing import Annotated, Final

import httpx
from fastapi import APIRouter, Path, Request, Response

from openledger_server.api.context import Context
from openledger_server.base.errors import NotFoundError, UpstreamError

router = APIRouter(prefix="/sandbox/link", tags=["Sandbox"], include_in_schema=False)

# Exactly what the dialog uses; nothing else of the sandbox, its control endpoints least of all, is reachable from here.
_FILES: Final = re.compile(r"v2/stable/(link-initialize\.js|parts\.js|flow(\.js|\.css)?|oauth(\.js)?)")
_CALLS: Final = re.compile(r"v2/stable/session/[a-z_]{1,32}")
_SENT_ON: Final = ("accept", "content-type")
_PASSED_BACK: Final = ("content-type", "content-security-policy", "cache-control", "etag")
_TIMEOUT: Final = httpx.Timeout(20.0, connect=3.0)
_LIMITS: Final = httpx.Limits(max_connections=20, max_keepalive_connections=5)


class UnknownLinkPathError(NotFoundError):
    """There is no such file or call of Link."""

    def __init__(self) -> None:
        super().__init__("There is nothing at this address.")


class SandboxUnreachableError(UpstreamError):
    """The sandbox bank's process does not answer."""

    code = "SANDBOX_UNREACHABLE"

    def __init__(self) -> None:
        super().__init__("The sandbox bank does not answer. Try again in a few seconds.")


def new_client(base_url: str | None) -> httpx.AsyncClient | None:
    """Return a client for the sandbox bank at `base_url`, if there is one; it opens no connection yet."""
    if base_url is None:
        return None
    return httpx.AsyncClient(
        base_url=base_url, timeout=_TIMEOUT, limits=_LIMITS, follow_redirects=False, trust_env=False
    )


@router.get("/{path:path}")
async def get_link_file(path: Annotated[str, Path()], request: Request, context: Context) -> Response:
    """Hand out one of the dialog's files."""
    if not _FILES.fullmatch(path):
        raise UnknownLinkPathError
    return await _forwarded(context, request, path)


@router.post("/{path:path}")
async def post_link_call(path: Annotated[str, Path()], request: Request, context: Context) -> Response:
    """Pass one step of a Link session on to the sandbox bank."""
    if not _CALLS.fullmatch(path):
        raise UnknownLinkPathError
    return await _forwarded(context, request, path)


async def _forwarded(context: Context, request: Request, path: str) -> Response:
    assert context.link_proxy is not None, "mounted only when there is one"
    body = await request.body()
    headers = {name: request.headers[name] for name in _SENT_ON if name in request.headers}
    try:
        answer = await context.link_proxy.request(
            request.method, f"/link/{path}", params=request.query_params, content=body, headers=headers
        )
    except httpx.HTTPError as exc:
        raise SandboxUnreachableError from exc
    passed = {name: answer.headers[name] for name in _PASSED_BACK if name in answer.headers}
    return Response(answer.content, status_code=answer.status_code, headers=passed)
