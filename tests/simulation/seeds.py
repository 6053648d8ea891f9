"""Run seeds of the simulation: `python -m tests.simulation.seeds --seeds 200 --jobs 2`, or `make simulate SEEDS=200`.

Each job is a process of its own with a PostgreSQL, a sandbox bank and a server of workers to kill. Failures are printed
as they are found; the last line says how many seeds ran, how many failed, and what was done to them.
"""

import argparse
import logging
import multiprocessing
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta

import uvloop

from openledger_server.processes.connection_facts import ConnectionFacts
from openledger_server.workflows.link_item import access_token_of
from tests.simulation.auditor import audit
from tests.simulation.life import Life
from tests.simulation.workload import live
from tests.simulation.world import World, opened_world, simulated_bank
from tests.support.database import make_template, throwaway_server
from tests.support.round_trip import far_period, round_trip_differences

_SEEDS_PER_WORLD = 50
_REPORTED_MAX = 5


async def failures_of(world: World, *, seed: int, with_programs: bool = False) -> tuple[list[str], Counter[str]]:
    """Live one seed and return what the auditor, the balances and the invariants have against it, and what was done.

    `with_programs` also lets hledger and beancount read the journal and compares their statements with ours.
    """
    life = await live(world.services, world.sandbox, world.database, seed=seed)
    rows = [row for bank in life.banks for row in bank.rows()]
    found = audit(life, world.database.owner_dsn, rows)
    linked = life.banks[0].linked
    found += [f"seed {seed}: {name} is off by {cents}" for name, cents in (await linked.differences()).items()]
    found += [f"seed {seed}: {violation}" for violation in await linked.violations()]
    if with_programs:
        period = far_period(since=date.today() - timedelta(days=8))  # noqa: DTZ011  # the sandbox's clock
        different = await round_trip_differences(life.services.pool, life.entity_id, period)
        found += [f"seed {seed}: {difference}" for difference in different]
    await _bury(life, world)
    return found, life.counter


async def _bury(life: Life, world: World) -> None:
    """Give the items back and set the banks' clock back, so that each seed begins in the same world."""
    for bank in life.banks:
        await life.services.feed.remove_item(
            access_token_of(life.services, await bank.linked.item(), entity_id=life.entity_id)
        )
    if life.days_passed:
        world.sandbox.advance(days=-life.days_passed)
    world.forget_jobs()


async def _run(seeds: Sequence[int]) -> tuple[int, Counter[str]]:
    failed, counter = 0, Counter[str]()
    with throwaway_server(in_memory=True) as facts:
        make_template(facts)
        while seeds:
            # A fresh world now and then: the bank keeps every item it ever had.
            results = await _run_in_one_world(facts, seeds[:_SEEDS_PER_WORLD])
            seeds = seeds[len(results) :]
            for found, done in results:
                counter.update(done)
                failed += found
    return failed, counter


async def _run_in_one_world(facts: ConnectionFacts, seeds: Sequence[int]) -> list[tuple[bool, Counter[str]]]:
    with simulated_bank() as sandbox:
        async with opened_world(facts, sandbox) as world:
            results: list[tuple[bool, Counter[str]]] = []
            for seed in seeds:
                results.append(await _told(world, seed))
                if results[-1][0]:
                    break  # what failed may have left jobs, faults and another date behind
            return results


async def _told(world: World, seed: int) -> tuple[bool, Counter[str]]:
    try:
        found, done = await failures_of(world, seed=seed)
    except Exception:  # noqa: BLE001 - whatever it is, it is what this seed found
        found, done = [f"seed {seed}: {traceback.format_exc()}"], Counter[str]()
    for failure in found[:_REPORTED_MAX]:
        print(failure, flush=True)
    print(f"seed {seed} {'FAILED' if found else 'ok'}", flush=True)
    return bool(found), done


def _run_part(seeds: Sequence[int]) -> tuple[int, Counter[str]]:
    logging.disable(logging.WARNING)  # failing is what this is about
    return uvloop.run(_run(seeds))


def main() -> None:
    """Run the seeds; the exit status says whether any failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="processes that share the seeds")
    given = parser.parse_args()
    started = time.monotonic()
    seeds = range(given.first, given.first + given.seeds)
    parts = [seeds[job :: given.jobs] for job in range(min(given.jobs, given.seeds))]
    with ProcessPoolExecutor(len(parts), mp_context=multiprocessing.get_context("spawn")) as executor:
        results = list(executor.map(_run_part, parts))
    failed, counter = sum(one for one, _ in results), sum((done for _, done in results), Counter[str]())
    took_s = time.monotonic() - started
    deeds = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counter.most_common())
    speed = f"{took_s:.0f} s, {took_s / given.seeds:.2f} s a seed"
    print(f"{given.seeds} seeds from {given.first}: {failed} failed, {speed}; {deeds}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
