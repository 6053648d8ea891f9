"""The files of Link: the script a page loads, and the dialog in its frame."""

from functools import cache
from importlib import resources

from starlette.responses import Response

FILES: dict[str, tuple[str, str]] = {
    "link-initialize.js": ("link-initialize.js", "text/javascript; charset=utf-8"),
    "flow": ("flow.html", "text/html; charset=utf-8"),
    "flow.js": ("flow.js", "text/javascript; charset=utf-8"),
    "parts.js": ("parts.js", "text/javascript; charset=utf-8"),
    "oauth": ("oauth.html", "text/html; charset=utf-8"),
    "oauth.js": ("oauth.js", "text/javascript; charset=utf-8"),
    "flow.css": ("flow.css", "text/css; charset=utf-8"),
}
"""By the name in the address: the file and its content type."""

_FLOW_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'"
)


def response(name: str) -> Response:
    """Return one of the files; the dialog and the bank's page run under a strict content security policy."""
    file_name, media_type = FILES[name]
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    if FILES[name][0].endswith(".html"):
        headers["Content-Security-Policy"] = _FLOW_POLICY
    return Response(_content(file_name), media_type=media_type, headers=headers)


@cache
def _content(file_name: str) -> bytes:
    return resources.files("plaid_sandbox").joinpath("link", file_name).read_bytes()
