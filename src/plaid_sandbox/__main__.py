"""`python -m plaid_sandbox`: run a sandbox until SIGTERM or SIGINT."""

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import uvicorn

from plaid_sandbox.app import create_app
from plaid_sandbox.config import (
    DEFAULT_HISTORICAL_DELAY_S,
    DEFAULT_INITIAL_DELAY_S,
    DEFAULT_LOGIN_DAYS,
    SandboxConfig,
    credentials_from_environment,
)
from plaid_sandbox.rate_limits import TABLES

_SHUTDOWN_S = 2


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="plaid_sandbox", description="A local Plaid for tests and demos.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 lets the system choose")
    parser.add_argument("--data-dir", type=Path, help="keep state here; without it, state ends with the process")
    parser.add_argument("--seed", type=int, help="fix histories and ids")
    parser.add_argument("--initial-delay", type=float, default=DEFAULT_INITIAL_DELAY_S, metavar="SECONDS")
    parser.add_argument("--historical-delay", type=float, default=DEFAULT_HISTORICAL_DELAY_S, metavar="SECONDS")
    parser.add_argument(
        "--login-days", type=float, default=DEFAULT_LOGIN_DAYS, metavar="DAYS", help="0: a login never runs out"
    )
    parser.add_argument("--no-growth", action="store_true", help="no new rows as the clock goes on")
    parser.add_argument("--rate-limits", choices=sorted(TABLES), default="refresh")
    return parser.parse_args(argv)


def _config(arguments: argparse.Namespace) -> SandboxConfig:
    client_id, secret = credentials_from_environment()
    return SandboxConfig(
        data_dir=arguments.data_dir,
        seed=arguments.seed,
        client_id=client_id,
        secret=secret,
        initial_delay_s=min(arguments.initial_delay, arguments.historical_delay),
        historical_delay_s=arguments.historical_delay,
        login_days=arguments.login_days,
        grows=not arguments.no_growth,
        rate_limits=arguments.rate_limits,
    )


class _AnnouncingServer(uvicorn.Server):
    """A server that says on stdout when it accepts connections."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let both signals end the server in order; uvicorn's own way raises them again and dies by them."""
        for wanted in (signal.SIGINT, signal.SIGTERM):
            signal.signal(wanted, self.handle_exit)
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            sys.stdout.write(f"plaid-sandbox ready on http://{shown}:{port}\n")
            sys.stdout.flush()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        sys.exit(f"plaid-sandbox cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}")
    # Connections inherit it. asyncio sets it only on sockets it has opened itself, and without it every small answer
    # on a kept connection waits 40 ms for the other side's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def main(argv: list[str] | None = None) -> None:
    """Serve until a signal ends it."""
    arguments = _arguments(sys.argv[1:] if argv is None else argv)
    listener = _listen(arguments.host, arguments.port)
    config = uvicorn.Config(
        create_app(_config(arguments)),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_SHUTDOWN_S,
    )
    asyncio.run(_AnnouncingServer(config).serve(sockets=[listener]))


if __name__ == "__main__":
    main()
