"""How commands speak: results on standard output, everything meant for people beside them on standard error."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import orjson
from rich.console import Console
from rich.markup import escape

from openledger_server.base.db import DATABASE_FAILURES
from openledger_server.base.errors import OpenLedgerError
from openledger_server.config import ConfigurationError
from openledger_server.processes.children import ChildError
from openledger_server.processes.household import StopRequested
from openledger_server.processes.postgres_binaries import PostgresError
from openledger_server.processes.web_server import WebServerError

EXIT_FAILED = 1
EXIT_CONFIGURATION = 2
people = Console(stderr=True, highlight=False)
"""Speaks to a person."""


class CommandError(Exception):
    """A command cannot do what it was asked; the message says why and what to do."""


_ANTICIPATED: tuple[type[Exception], ...] = (
    CommandError,
    ChildError,
    PostgresError,
    WebServerError,
    OpenLedgerError,
    *DATABASE_FAILURES,
)


def print_json(document: object) -> None:
    """Print one JSON document on standard output."""
    sys.stdout.write(orjson.dumps(document, default=str, option=orjson.OPT_INDENT_2).decode() + "\n")
    sys.stdout.flush()


def print_line(text: str) -> None:
    """Print one line on standard output at once, for programs that wait for it."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@contextmanager
def told_plainly(*, on_stop: Callable[[], None] | None = None) -> Iterator[None]:
    """Turn anticipated failures into a sentence and an exit status, and a wish to stop into a clean end.

    Status 2: the settings are wrong. Status 1: anything else that went wrong in an anticipated way.
    """
    try:
        yield
    except (StopRequested, KeyboardInterrupt):
        if on_stop is not None:
            on_stop()
    except ConfigurationError as exc:
        people.print(f"[bold red]Configuration:[/] {escape(str(exc))}", soft_wrap=True)
        raise SystemExit(EXIT_CONFIGURATION) from None
    except _ANTICIPATED as exc:
        people.print(f"[bold red]Error:[/] {escape(str(exc).strip())}", soft_wrap=True)
        raise SystemExit(EXIT_FAILED) from None
