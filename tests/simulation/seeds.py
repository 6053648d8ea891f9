"""Run seeds of the simulation: `python -m tests.simulation.seeds --seeds 200`, or `make simulate SEEDS=200`."""

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console
from rich.progress import track

from openledger_server.base.db import new_pool
from openledger_server.processes.connection_facts import ConnectionFacts
from tests.simulation.auditor import audit
from tests.simulation.workload import Life, live
from tests.support.database import Database, fresh_database, make_template, throwaway_server
from tests.support.sandbox import RunningSandbox, running_sandbox
from tests.support.services import wired_services

_SEEDS_PER_SANDBOX = 20


async def failures_of(facts: ConnectionFacts, sandbox: RunningSandbox, *, seed: int) -> tuple[list[str], Counter[str]]:
    """Live one seed and return what the auditor, the balances and the invariants have against it, and what was done."""
    with fresh_database(facts) as database:
        async with _lived(database, sandbox, seed) as life:
            rows = [row for bank in life.banks for row in await bank.bank_list()]
            found = audit(life, database.owner_dsn, rows)
            found += [
                f"seed {seed}: {name} is off by {cents}" for name, cents in (await life.banks[0].differences()).items()
            ]
            found += [f"seed {seed}: {violation}" for violation in await life.banks[0].violations()]
            return found, life.counter


@asynccontextmanager
async def _lived(database: Database, sandbox: RunningSandbox, seed: int) -> AsyncIterator[Life]:
    async with new_pool(database.app_dsn, size_max=4) as pool, wired_services(pool, sandbox.base_url) as services:
        yield await live(services, sandbox, database, seed=seed)


async def _run(first: int, seeds: int) -> int:
    console = Console(stderr=True)
    started, failed, counter = time.monotonic(), 0, Counter[str]()
    with throwaway_server() as facts:
        make_template(facts)
        for start in range(first, first + seeds, _SEEDS_PER_SANDBOX):
            stop = min(start + _SEEDS_PER_SANDBOX, first + seeds)
            # A fresh bank now and then: it keeps every item it ever had.
            with running_sandbox(options=("--login-days", "0")) as sandbox:
                for seed in track(range(start, stop), f"seeds {start}-{stop - 1}", console=console):
                    found, done = await failures_of(facts, sandbox, seed=seed)
                    counter.update(done)
                    failed += bool(found)
                    for failure in found[:5]:
                        console.print(failure, markup=False)
    deeds = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counter.most_common())
    print(f"{seeds} seeds from {first}: {failed} failed, {time.monotonic() - started:.0f} s; {deeds}")
    return failed


def main() -> None:
    """Run the seeds; the exit status says whether any failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=1)
    arguments = parser.parse_args()
    sys.exit(1 if asyncio.run(_run(arguments.first, arguments.seeds)) else 0)


if __name__ == "__main__":
    main()
