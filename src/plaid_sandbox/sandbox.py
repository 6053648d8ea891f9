"""One sandbox: configuration, settings, clock, store and switched-on faults, for everything that answers a request."""

import asyncio
import secrets
from dataclasses import dataclass, field

from plaid_sandbox.clock import Clock
from plaid_sandbox.config import SandboxConfig
from plaid_sandbox.faults import FaultBox
from plaid_sandbox.rate_limits import RateLimiter
from plaid_sandbox.settings import Settings, settings_of
from plaid_sandbox.store import Store
from plaid_sandbox.webhook_faults import WebhookFaultBox


@dataclass(slots=True, kw_only=True)
class Sandbox:
    """The parts of a running sandbox."""

    config: SandboxConfig
    clock: Clock
    store: Store
    faults: FaultBox
    settings: Settings
    id_root: str
    """Every derived id begins with this: fixed by an explicit seed, else drawn once per data directory."""
    webhook_faults: WebhookFaultBox = field(default_factory=WebhookFaultBox)
    rate_limiter: RateLimiter = field(default_factory=RateLimiter)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever something may have become due; the background task waits for it."""


def open_sandbox(config: SandboxConfig) -> Sandbox:
    """Open the state of a sandbox, or begin it."""
    store = Store(config.data_dir)
    return Sandbox(
        config=config,
        clock=Clock(_stored_offset(store)),
        store=store,
        faults=FaultBox(),
        settings=settings_of(config),
        id_root=_id_root(config, store),
    )


def advance_clock(sandbox: Sandbox, seconds: float) -> None:
    """Move the clock and remember it over a restart."""
    sandbox.clock.advance(seconds)
    sandbox.store.put_document("meta", "clock", {"offset_s": sandbox.clock.offset_s})
    sandbox.wake.set()


def _stored_offset(store: Store) -> float:
    stored = store.document("meta", "clock")
    return 0.0 if stored is None else float(stored["offset_s"])


def _id_root(config: SandboxConfig, store: Store) -> str:
    if config.seed is not None:
        return f"seed {config.seed}"
    stored = store.document("meta", "id_root")
    if stored is None:
        stored = {"value": secrets.token_hex(16)}
        store.put_document("meta", "id_root", stored)
    return str(stored["value"])
