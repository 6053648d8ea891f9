"""A few seeds of the simulation in every test run; `make simulate SEEDS=200` runs more."""

from collections.abc import AsyncIterator

import pytest

from openledger_server.processes.connection_facts import ConnectionFacts
from tests.simulation.seeds import failures_of
from tests.simulation.world import World, opened_world, simulated_bank


@pytest.fixture(scope="module")
async def world(postgres: ConnectionFacts) -> AsyncIterator[World]:
    with simulated_bank() as sandbox:
        async with opened_world(postgres, sandbox) as world:
            yield world


@pytest.mark.parametrize("seed", range(1, 11))
async def test_whatever_happens_the_books_end_as_the_auditor_says(world: World, seed: int) -> None:
    failures, _ = await failures_of(world, seed=seed, with_programs=True)
    assert failures == []
