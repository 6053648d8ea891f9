"""A local server that speaks OpenAI's and Anthropic's protocols and answers what a test wants."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from openledger_server.categorization.advice.types import AdviceDesk, Prices
from openledger_server.llm.advisors import AdvisorSettings, new_advisor

Lines = list[dict[str, Any]]


def first_choice(lines: Lines) -> str:
    """Answer every line with the first category."""
    return json.dumps({"answers": [[line["n"], 1] for line in lines]})


@dataclass(slots=True)
class LanguageModel:
    """The server, what it was sent, and how it answers."""

    url: str = ""
    answer: Callable[[Lines], str] = first_choice
    statuses: list[int] = field(default_factory=list)
    """HTTP statuses of the next answers; 200 when there are none left."""
    wait_s: float = 0.0
    tokens: tuple[int, int] | None = (1000, 100)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def desk(self, provider: Any = "openai", *, timeout_s: float = 5.0, retries: int = 1) -> AdviceDesk:
        """Return the language model as the server's deeds see it."""
        base = f"{self.url}/v1" if provider == "openai" else self.url
        settings = AdvisorSettings(
            provider=provider,
            model="test-model",
            api_key="test-key",
            base_url=base,
            timeout_s=timeout_s,
            retries=retries,
        )
        prices = Prices(input_microusd=1_000_000, output_microusd=10_000_000)
        return AdviceDesk(advisor=new_advisor(settings), prices=prices)

    def lines(self) -> Lines:
        """Return every line that was sent."""
        return [json.loads(line) for body in self.bodies for line in body["messages"][-1]["content"].splitlines()]


@contextlib.contextmanager
def running_language_model() -> Iterator[LanguageModel]:
    """Serve on a free port of this machine."""
    model = LanguageModel()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            model.bodies.append(body)
            model.headers.append(dict(self.headers.items()))
            time.sleep(model.wait_s)
            status = model.statuses.pop(0) if model.statuses else 200
            content = _answer(self.path, body, model) if status == 200 else {"error": {"message": "no", "type": "x"}}
            sent = json.dumps(content).encode()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(sent)))
                self.send_header("retry-after", "0")
                self.end_headers()
                self.wfile.write(sent)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        model.url = f"http://127.0.0.1:{server.server_port}"
        yield model
        server.shutdown()


def _answer(path: str, body: dict[str, Any], model: LanguageModel) -> dict[str, Any]:
    text = model.answer([json.loads(line) for line in body["messages"][-1]["content"].splitlines()])
    if path == "/v1/messages":
        read, written = model.tokens or (0, 0)
        return {
            "id": "m",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": read, "output_tokens": written},
        }
    assert path == "/v1/chat/completions", path
    usage = None
    if model.tokens is not None:
        read, written = model.tokens
        usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": body["model"],
        "choices": [choice],
        "usage": usage,
    }
