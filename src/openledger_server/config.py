"""The settings, and the only place that reads the environment. Every one is described in docs/configuration.md."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_PREFIX = "OPENLEDGER_"
_PLAID_HOSTS = {"sandbox": "https://sandbox.plaid.com", "production": "https://production.plaid.com"}
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104  # a question, not a place to listen
SANDBOX_CLIENT_ID = "sandbox-client-id"
SANDBOX_SECRET = "sandbox-secret"  # noqa: S105  # the local sandbox's well-known one, worth nothing elsewhere


class ConfigurationError(Exception):
    """The settings contradict each other or cannot be understood; the message names them and never shows a value."""


class Settings(BaseSettings):
    """Everything the server can be told, read once at the start and passed on as values."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_ignore_empty=True,  # `OPENLEDGER_DATABASE_URL=` in a compose file means that there is none
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    database_url: SecretStr | None = None
    """A PostgreSQL of one's own; without it the embedded one runs."""
    database_owner_url: SecretStr | None = None
    """The same database as a role that may change the schema, if `database_url`'s may not."""
    postgres_bin: Path | None = None
    """The programs of another PostgreSQL to embed, instead of those that come with the package."""
    data_dir: Path = Field(default_factory=lambda: Path.home() / ".local" / "share" / "openledger")
    """Holds the embedded database, the key files and the sandbox's state."""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """0 takes any free one."""
    public_url: str | None = None
    """Where browsers and Plaid reach this server, if not at its own host and port."""
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """The web origins whose pages may call the API; `*` for all."""
    web_dir: Path | None = None
    """A built web app to serve at `/`."""
    demo_entity_id: int | None = None
    """The entity whose session `GET /demo/session` gives to anybody on this machine; only the demo sets it."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    encryption_key: SecretStr | None = None
    """32 bytes as base64; several, separated by commas: the first seals, all open. Else the key file is used."""
    token_key: SecretStr | None = None
    """The same for signing access tokens."""
    sandbox: bool = False
    """Whether the local sandbox bank takes Plaid's place."""
    sandbox_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Where the sandbox bank listens on this machine, for those who want to steer it; 0 takes any free one."""
    plaid_url: str | None = None
    """Where the local sandbox bank listens; `openledger serve --sandbox` sets it for its children."""
    plaid_client_id: str | None = Field(default=None, validation_alias="PLAID_CLIENT_ID")
    plaid_secret: SecretStr | None = Field(default=None, validation_alias="PLAID_SECRET")
    plaid_env: Literal["sandbox", "production"] | None = Field(default=None, validation_alias="PLAID_ENV")
    """Which of Plaid's environments the keys belong to; sandbox if not said."""
    plaid_host: str | None = Field(default=None, validation_alias="PLAID_HOST")
    """Another address for Plaid, for example a proxy."""

    llm_provider: Literal["openai", "anthropic"] | None = None
    """The protocol of a language model to ask about rows nobody is sure of; without it nothing is ever asked."""
    llm_model: str | None = None
    """Its name."""
    llm_api_key: SecretStr | None = None
    """Its maker's key for us."""
    llm_base_url: str | None = None
    """Another address that speaks the same protocol, for example a model on a machine of one's own."""
    llm_input_price: Annotated[float, Field(ge=0)] = 5.0
    """US dollars per million tokens that it reads; what an entity may spend is counted by it."""
    llm_output_price: Annotated[float, Field(ge=0)] = 25.0
    """US dollars per million tokens that it writes."""

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        return value

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @field_validator("public_url", "plaid_url", "plaid_host", "llm_base_url")
    @classmethod
    def _is_web_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return None if value is None else value.rstrip("/")

    @model_validator(mode="after")
    def _sandbox_excludes_live_keys(self) -> Self:
        if not self.sandbox:
            return self
        if self.plaid_env == "production" or (self.plaid_secret is not None and self.plaid_env is None):
            raise ValueError(
                "the sandbox is on while Plaid keys that may be live are set. Leave the sandbox off "
                "(--no-sandbox, OPENLEDGER_SANDBOX=false), or unset PLAID_ENV and PLAID_SECRET"
            )
        if self.plaid_host is not None:
            raise ValueError("the sandbox is on while PLAID_HOST names another Plaid. Keep one of the two")
        return self

    @model_validator(mode="after")
    def _language_model_is_whole(self) -> Self:
        if self.llm_provider is not None and (self.llm_model is None or self.llm_api_key is None):
            raise ValueError("a language model is wanted: set OPENLEDGER_LLM_MODEL and OPENLEDGER_LLM_API_KEY too")
        return self

    @property
    def local_url(self) -> str:
        """Where this machine reaches the server."""
        host = _WILDCARDS.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}"

    @property
    def notice_url(self) -> str | None:
        """Where Plaid is to send its webhooks; nowhere if it could not reach us. The sandbox bank is right here."""
        base = self.local_url if self.sandbox else self.public_url
        return None if base is None else f"{base}/v1/webhooks/plaid"

    @property
    def plaid_base_url(self) -> str:
        """Where Plaid's API is for us: the local sandbox, the given host, or one of Plaid's own."""
        return self.plaid_url or self.plaid_host or _PLAID_HOSTS[self.plaid_env or "sandbox"]

    @property
    def plaid_keys(self) -> tuple[str, str] | None:
        """Client id and secret; nothing if Plaid is not configured, so that no bank can be linked."""
        if self.sandbox:
            return SANDBOX_CLIENT_ID, SANDBOX_SECRET
        if self.plaid_client_id is None or self.plaid_secret is None:
            return None
        return self.plaid_client_id, self.plaid_secret.get_secret_value()


def environment_name(field: str) -> str:
    """Return the environment variable that sets a field of `Settings`."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"{_PREFIX}{field.upper()}"


def load_settings(**given: object) -> Settings:
    """Read the settings from the environment; `given` ones that are not None (from the command line) come first.

    Raises:
        ConfigurationError: if any is wrong; all are named at once.
    """
    values = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings(**values)  # type: ignore[arg-type]  # checked by pydantic, which is its job here
    except ValidationError as exc:
        raise ConfigurationError("; ".join(_sentence(error) for error in exc.errors())) from exc


def _sentence(error: Any) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    if not error["loc"]:
        return f"{message}."
    field = str(error["loc"][0])
    return f"{environment_name(field) if field in Settings.model_fields else field}: {message}."


def child_environment(settings: Settings) -> dict[str, str]:
    """Return the environment that gives a child process exactly these settings, secrets included."""
    environment = dict(os.environ)
    for field in Settings.model_fields:
        value = getattr(settings, field)
        name = environment_name(field)
        environment.pop(name, None)
        if value not in (None, ()):
            environment[name] = _text(value)
    return environment


def bare_environment() -> dict[str, str]:
    """Return the environment without our settings and Plaid's keys, for programs that are not to know them."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_PREFIX) and (not name.startswith("PLAID_") or name.startswith("PLAID_SANDBOX_"))
    }


def _text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value)
