"""The documentation page. All it loads comes from this server."""

import base64
import hashlib
import re
from pathlib import Path

import fastapi_offline
from fastapi import FastAPI, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.staticfiles import StaticFiles
from starlette.responses import HTMLResponse

_FILES = Path(fastapi_offline.__file__).parent / "static"
_FILES_URL = "/docs/files"
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def install(app: FastAPI) -> None:
    """Serve the page at /docs and its files beside it."""
    page = get_swagger_ui_html(
        openapi_url=app.openapi_url or "/openapi.json",
        title=f"{app.title} API",
        swagger_js_url=f"{_FILES_URL}/swagger-ui-bundle.js",
        swagger_css_url=f"{_FILES_URL}/swagger-ui.css",
        swagger_favicon_url=f"{_FILES_URL}/favicon.png",
        swagger_ui_parameters={"validatorUrl": None, "persistAuthorization": False},
    )
    headers = {"Content-Security-Policy": _policy(bytes(page.body).decode()), "Cache-Control": "no-cache"}

    @app.get("/docs", include_in_schema=False)
    async def get_docs() -> Response:
        return HTMLResponse(page.body, headers=headers)

    app.mount(_FILES_URL, StaticFiles(directory=_FILES), name="docs-files")


def _policy(page: str) -> str:
    """Return a policy that allows this server's files and exactly the page's own inline scripts."""
    digests = (hashlib.sha256(script.encode()).digest() for script in _INLINE_SCRIPT.findall(page))
    allowed = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'self'; script-src 'self' {allowed}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
