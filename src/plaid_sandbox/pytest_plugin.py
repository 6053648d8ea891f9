"""Fixtures for other people's tests: name this module in `pytest_plugins`."""

from collections.abc import Iterator

import pytest

from plaid_sandbox.testing import RunningSandbox, WebhookReceiver, running_sandbox, webhook_receiver


@pytest.fixture(scope="session")
def plaid_sandbox() -> Iterator[RunningSandbox]:
    """A local Plaid for the whole run. Make your own items in it; histories are ready at once."""
    with running_sandbox() as running:
        yield running


@pytest.fixture
def fresh_plaid_sandbox() -> Iterator[RunningSandbox]:
    """A local Plaid for this test alone, to move its clock or break its banks."""
    with running_sandbox() as running:
        yield running


@pytest.fixture
def plaid_webhooks() -> Iterator[WebhookReceiver]:
    """An address of this machine that takes webhooks."""
    with webhook_receiver() as receiver:
        yield receiver
