"""What of a running sandbox can be changed by a control endpoint; it begins as the configuration says."""

from dataclasses import dataclass
from typing import Literal

from plaid_sandbox.config import SandboxConfig

RateLimitTable = Literal["none", "refresh", "sandbox", "production"]


@dataclass(slots=True, kw_only=True)
class Settings:
    """The switches of a sandbox. Durations in seconds unless said otherwise."""

    initial_delay_s: float
    historical_delay_s: float
    login_days: float
    """After so many days an item needs a new login; 0: never."""
    grows: bool
    """Whether new items get new rows as the clock goes on."""
    rate_limits: RateLimitTable
    """Which limits hold: none, only that of `/transactions/refresh`, or one of Plaid's two tables."""
    webhook_timeout_s: float = 10.0
    removed_item_error: Literal["ITEM_NOT_FOUND", "INVALID_ACCESS_TOKEN"] = "ITEM_NOT_FOUND"
    """How calls for a removed item are refused; the real Plaid has been seen to use both."""


def settings_of(config: SandboxConfig) -> Settings:
    """Return the settings that a configuration begins with."""
    return Settings(
        initial_delay_s=config.initial_delay_s,
        historical_delay_s=config.historical_delay_s,
        login_days=config.login_days,
        grows=config.grows,
        rate_limits=config.rate_limits,
    )
