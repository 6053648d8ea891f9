"""What a sandbox is started with; the only reader of its environment."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DEFAULT_CLIENT_ID = "sandbox-client-id"
DEFAULT_SECRET = "sandbox-secret"  # noqa: S105 - a published test credential, guards nothing
DEFAULT_SEED = 1
DEFAULT_INITIAL_DELAY_S = 0.4
DEFAULT_HISTORICAL_DELAY_S = 1.5
DEFAULT_LOGIN_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxConfig:
    """How one sandbox behaves; all durations in seconds."""

    data_dir: Path | None = None
    """Where state is kept; `None` keeps it in a private temporary database."""
    seed: int | None = None
    """Fixes histories and every id. `None`: histories of seed 1, ids different in each fresh sandbox."""
    client_id: str = DEFAULT_CLIENT_ID
    secret: str = DEFAULT_SECRET
    initial_delay_s: float = DEFAULT_INITIAL_DELAY_S
    """From linking until the last 30 days are there (`INITIAL_UPDATE_COMPLETE`)."""
    historical_delay_s: float = DEFAULT_HISTORICAL_DELAY_S
    """From linking until all history is there (`HISTORICAL_UPDATE_COMPLETE`)."""
    login_days: float = DEFAULT_LOGIN_DAYS
    """After so many days an item needs a new login, as at Plaid's sandbox; 0: never."""
    grows: bool = True
    """Whether new rows come as the clock goes on."""
    rate_limits: Literal["none", "refresh", "sandbox", "production"] = "refresh"
    """Which of Plaid's rate limits hold; by default only that of `/transactions/refresh`."""

    @property
    def history_seed(self) -> int:
        """The seed that histories are drawn from."""
        return DEFAULT_SEED if self.seed is None else self.seed


def credentials_from_environment() -> tuple[str, str]:
    """Return client id and secret: `PLAID_SANDBOX_CLIENT_ID`, `PLAID_SANDBOX_SECRET` or the defaults."""
    return (
        os.environ.get("PLAID_SANDBOX_CLIENT_ID", DEFAULT_CLIENT_ID),
        os.environ.get("PLAID_SANDBOX_SECRET", DEFAULT_SECRET),
    )
