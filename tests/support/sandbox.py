"""The sandbox bank as its own process on a free port; it brings its own tools for that."""

from plaid_sandbox.testing import (
    CLIENT_ID,
    SECRET,
    RunningSandbox,
    ready_url,
    running_sandbox,
    sandbox_process,
)

__all__ = ["CLIENT_ID", "SECRET", "RunningSandbox", "ready_url", "running_sandbox", "sandbox_process"]
