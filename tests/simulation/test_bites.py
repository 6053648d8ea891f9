"""The auditor bites: a server that is broken on purpose is found out within a few lives (docs/reliability.md)."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from openledger_server.bookkeeping import post
from openledger_server.categorization import store as categorization
from openledger_server.processes.connection_facts import ConnectionFacts
from openledger_server.workflows import store_rows
from tests.simulation.seeds import failures_of
from tests.simulation.world import World, opened_world, simulated_bank

_SEEDS_MAX = 6


@pytest.fixture
async def world(postgres: ConnectionFacts) -> AsyncIterator[World]:
    with simulated_bank() as sandbox:
        async with opened_world(postgres, sandbox) as world:
            yield world


def nothing_is_reversed(original: Any) -> Any:
    def broken(*args: Any, **kwargs: Any) -> Any:
        made, change = original(*args, **kwargs)
        return [entry for entry in made if entry.reverses_id is None], change

    return broken


def done_never(_original: Any) -> Any:
    async def broken(*_args: Any, **_kwargs: Any) -> list[Any]:
        return []

    return broken


@pytest.mark.parametrize(
    ("owner", "name", "breakage"),
    [
        pytest.param(post, "_bring_in_line", nothing_is_reversed, id="no reversals"),
        pytest.param(store_rows, "_vanished", done_never, id="a snapshot takes nothing back"),
        pytest.param(categorization, "carry_decisions_over", done_never, id="choices stay with pending rows"),
    ],
)
async def test_a_broken_server_is_found_out(
    world: World, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, breakage: Callable[[Any], Any]
) -> None:
    monkeypatch.setattr(owner, name, breakage(getattr(owner, name)))
    for seed in range(1, _SEEDS_MAX + 1):
        found, _ = await failures_of(world, seed=seed)
        if found:
            return
    pytest.fail("the auditor let it pass")
