"""An ASGI application on a socket, in a thread of its own, so that the main thread can look after the processes."""

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import uvicorn
import uvloop

_log = logging.getLogger(__name__)

_POLL_S = 0.02
_START_TIMEOUT_S = 60.0
_GRACE_S = 10
_BACKLOG = 2048

AppContext = Callable[[], AbstractAsyncContextManager[Any]]
"""Opens, inside the server's event loop, what the application needs, and yields the ASGI application."""


class WebServerError(Exception):
    """The server cannot listen, or ended by itself; the message says why."""


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to an address; nobody can connect until the server listens on it.

    Raises:
        WebServerError: if the address is taken or not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Else each small answer on a kept connection waits 40 ms for the other side's acknowledgement.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        bound.bind((host, port))
    except OSError as exc:
        bound.close()
        raise WebServerError(f"Cannot listen on {host} port {port}: {exc.strerror}. Choose another --port.") from exc
    return bound


class WebServer:
    """One application being served. A member of a household."""

    def __init__(self, application: AppContext, bound: socket.socket) -> None:
        """Remember what to serve and where; `bound` is closed by `stop`."""
        self._application = application
        self._bound = bound
        self._server: uvicorn.Server | None = None
        self._failure: BaseException | None = None
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="web server", daemon=True)

    def start(self) -> None:
        """Start serving and wait until connections are accepted.

        Raises:
            WebServerError: if the application cannot be made or does not start.
        """
        self._thread.start()
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not (self._server is not None and self._server.started):
            self.check()
            if time.monotonic() > deadline:
                raise WebServerError(f"The web server did not start within {_START_TIMEOUT_S:.0f} s.")
            time.sleep(_POLL_S)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(self._serve())
        except BaseException as exc:  # noqa: BLE001  # handed to the thread that looks after us
            self._failure = exc

    async def _serve(self) -> None:
        async with self._application() as application:
            config = uvicorn.Config(
                application,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="on",
                backlog=_BACKLOG,
                timeout_graceful_shutdown=_GRACE_S,
            )
            self._server = uvicorn.Server(config)
            if self._is_stopping:
                return
            await self._server.serve(sockets=[self._bound])

    def check(self) -> bool:
        """Return False while the server runs.

        Raises:
            WebServerError: if it ended though nobody asked it to.
        """
        if self._thread.is_alive() or self._is_stopping:
            return False
        raise WebServerError(f"The web server ended: {self._failure or 'see its log'}") from self._failure

    def stop(self) -> None:
        """Finish the requests at hand (up to 10 s) and end. May be called twice."""
        self._is_stopping = True
        if self._server is not None:
            self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(_GRACE_S * 2)
        self._bound.close()
