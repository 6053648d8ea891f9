"""Two protocols: OpenAI's, which many others speak too, and Anthropic's."""

from dataclasses import dataclass, field
from typing import Any, Literal

from openledger_server.categorization.advice.types import Advisor, AdvisorError, Reply

TIMEOUT_S = 30.0
_RETRIES = 2
"""The clients wait as long as a rate limit says before they try again."""
# What the clients let through when a server answers in another shape than the protocol's.
_ODD = (ValueError, AttributeError, TypeError, LookupError)


class ClientMissingError(Exception):
    """The maker's client is not installed: pip install "openledger-server[llm]"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisorSettings:
    """Which language model to ask, and where."""

    provider: Literal["openai", "anthropic"]
    model: str
    api_key: str = field(repr=False)
    base_url: str | None = None
    """Another address that speaks the same protocol."""
    timeout_s: float = TIMEOUT_S
    retries: int = _RETRIES


def new_advisor(settings: AdvisorSettings) -> Advisor:
    """Return the language model that the settings name; the client is imported here and not before.

    Raises:
        ClientMissingError: if it is not installed.
    """
    try:
        return _OpenAI(settings) if settings.provider == "openai" else _Anthropic(settings)
    except ImportError as exc:
        raise ClientMissingError('install the clients first: pip install "openledger-server[llm]"') from exc


class _OpenAI:
    def __init__(self, settings: AdvisorSettings) -> None:
        import openai  # noqa: F401, PLC0415  # an extra; what is missing is noticed at the start

        self._settings = settings

    @property
    def model(self) -> str:
        return self._settings.model

    async def reply(self, *, system: str, text: str, tokens_max: int) -> Reply:
        from openai import AsyncOpenAI, OpenAIError  # noqa: PLC0415  # the same

        try:
            async with AsyncOpenAI(**_how(self._settings)) as client:
                answer = await client.chat.completions.create(
                    model=self.model,
                    messages=[{"role": "system", "content": system}, {"role": "user", "content": text}],
                    max_tokens=tokens_max,
                    temperature=0,
                )
            usage = answer.usage
            return Reply(
                (answer.choices[0].message.content or "") if answer.choices else "",
                usage.prompt_tokens if usage else None,
                usage.completion_tokens if usage else None,
            )
        except (OpenAIError, *_ODD) as exc:
            raise _unanswered(exc) from exc


class _Anthropic:
    def __init__(self, settings: AdvisorSettings) -> None:
        import anthropic  # noqa: F401, PLC0415  # an extra; what is missing is noticed at the start

        self._settings = settings

    @property
    def model(self) -> str:
        return self._settings.model

    async def reply(self, *, system: str, text: str, tokens_max: int) -> Reply:
        from anthropic import AnthropicError, AsyncAnthropic  # noqa: PLC0415  # the same

        try:
            async with AsyncAnthropic(**_how(self._settings)) as client:
                answer = await client.messages.create(
                    model=self.model,
                    system=system,
                    messages=[{"role": "user", "content": text}],
                    max_tokens=tokens_max,
                )
            written = "".join(block.text for block in answer.content if block.type == "text")
            return Reply(written, answer.usage.input_tokens, answer.usage.output_tokens)
        except (AnthropicError, *_ODD) as exc:
            raise _unanswered(exc) from exc


def _how(settings: AdvisorSettings) -> dict[str, Any]:
    return {
        "api_key": settings.api_key,
        "base_url": settings.base_url,
        "timeout": settings.timeout_s,
        "max_retries": settings.retries,
    }


def _unanswered(exc: Exception) -> AdvisorError:
    """Return our error; only the kind of theirs is told, since their messages may hold what was sent."""
    return AdvisorError(f"The language model did not answer: {type(exc).__name__}.")
