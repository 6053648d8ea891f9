from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest

from openledger_server.processes.web_server import WebServer, WebServerError, bind

Message = dict[str, Any]


async def hello(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    if scope["type"] == "lifespan":
        for kind in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{kind}.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


def test_serves_until_stopped_and_closes_what_it_opened() -> None:
    story = []

    @asynccontextmanager
    async def application() -> AsyncIterator[Any]:
        story.append("open")
        yield hello
        story.append("closed")

    bound = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    server = WebServer(application, bound)
    server.start()
    assert httpx.get(url, trust_env=False).text == "hello"
    assert not server.check()
    server.stop()
    server.stop()
    assert story == ["open", "closed"]
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)


def test_application_that_cannot_be_made_is_told() -> None:
    def application() -> AbstractAsyncContextManager[Any]:
        raise OSError("no database")

    server = WebServer(application, bind("127.0.0.1", 0))
    with pytest.raises(WebServerError, match="no database"):
        server.start()
    server.stop()


def test_taken_port_is_told() -> None:
    first = bind("127.0.0.1", 0)
    first.listen()
    with pytest.raises(WebServerError, match="Choose another --port"):
        bind("127.0.0.1", first.getsockname()[1])
    first.close()
