"""A built web app at `/`: its files, and its first page for every address that is a view of it."""

from pathlib import Path, PurePosixPath

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

_INDEX = "index.html"
_HASHED_FILES = "assets"
_FOREVER = "public, max-age=31536000, immutable"
_ASK_FIRST = "no-cache"
_NOT_THE_APPS = frozenset({"v1", "health", "docs", "sandbox", "demo", "openapi.json"})
_POLICY = (
    "default-src 'self'; script-src 'self'{script}; style-src 'self'{style}; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'{connect}; frame-src 'self'{frame}; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'"
)
# What Plaid's own Link needs of a page. Source: plaid.com/docs/link/web/#csp-directives.
_PLAID_CDN = " https://cdn.plaid.com"
_PLAID_API = " https://production.plaid.com https://sandbox.plaid.com"


def install(app: FastAPI, web_dir: Path, *, with_plaid: bool) -> None:
    """Serve the app for whatever no route answers. `with_plaid`: its pages open Plaid's own Link."""
    policy = _POLICY.format(
        script=_PLAID_CDN if with_plaid else "",
        style="",
        connect=_PLAID_API if with_plaid else "",
        frame=_PLAID_CDN if with_plaid else "",
    )
    app.router.default = WebApp(web_dir.resolve(), policy=policy, otherwise=app.router.default)


class WebApp:
    """Files of one directory; unknown addresses without a file ending are views of the app."""

    def __init__(self, directory: Path, *, policy: str, otherwise: ASGIApp) -> None:
        """Serve `directory`; hand over to `otherwise` what is not the app's."""
        self._directory = directory
        self._policy = policy
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request that no route answers."""
        if scope["type"] != "http" or scope["path"].lstrip("/").partition("/")[0] in _NOT_THE_APPS:
            await self._otherwise(scope, receive, send)
            return
        if scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        await self._answer(Request(scope))(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        path = PurePosixPath(request.url.path.lstrip("/"))
        file = self._file(path)
        if file is None and not path.suffix:
            file = self._file(PurePosixPath(_INDEX))
        if file is None:
            raise HTTPException(404)
        is_hashed = path.parts[:1] == (_HASHED_FILES,)
        headers = {"Cache-Control": _FOREVER if is_hashed else _ASK_FIRST, "Content-Security-Policy": self._policy}
        return FileResponse(file, headers=headers)

    def _file(self, path: PurePosixPath) -> Path | None:
        try:
            file = (self._directory / path).resolve()
            return file if file.is_relative_to(self._directory) and file.is_file() else None
        except (OSError, ValueError):  # a name too long, or one with a zero in it
            return None
