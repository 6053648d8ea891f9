"""A few seeds of the simulation in every test run; `make simulate SEEDS=200` runs more."""

from collections.abc import Iterator

import pytest

from openledger_server.processes.connection_facts import ConnectionFacts
from tests.simulation.seeds import failures_of, simulated_bank
from tests.support.sandbox import RunningSandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with simulated_bank() as running:
        yield running


@pytest.mark.parametrize("seed", range(1, 11))
async def test_whatever_happens_the_books_end_as_the_auditor_says(
    postgres: ConnectionFacts, sandbox: RunningSandbox, seed: int
) -> None:
    failures, _ = await failures_of(postgres, sandbox, seed=seed, with_programs=True)
    assert failures == []
