"""Where log records go: one JSON object a line on standard error, or plain text when a person watches."""

import logging
import sys
from typing import IO

from pythonjsonlogger.json import JsonFormatter

_FIELDS = "{asctime}{levelname}{name}{message}"
_NAMES = {"asctime": "at", "levelname": "level", "name": "logger"}
_TALKATIVE = ("httpx", "httpcore", "urllib3", "procrastinate", "asyncio", "uvicorn")


def configure_logging(level: str, *, stream: IO[str] | None = None) -> None:
    """Send every record of `level` and above to `stream` (standard error if not said), libraries' only from WARNING."""
    target = stream or sys.stderr
    handler = logging.StreamHandler(target)
    if target.isatty():
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s  [%(name)s]", "%H:%M:%S"))
    else:
        handler.setFormatter(JsonFormatter(_FIELDS, style="{", rename_fields=_NAMES))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING if level != "DEBUG" else logging.INFO)
