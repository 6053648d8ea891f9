"""What a row costs in histories of different lengths, and what ten new rows cost once the history is long.

Each history is imported into an entity of its own in one database; then the bank adds ten rows and one more sync
fetches and books them. Both costs should not depend on how long the history is. Peak memory is the importing process's,
which imports one history only.
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from openledger_server.base.db import new_pool
from openledger_server.workflows.link_item import HISTORY_DAYS, link_item
from openledger_server.workflows.services import Services
from openledger_server.workflows.sync_item import sync_item
from tests.support.database import fresh_database, make_template, throwaway_server
from tests.support.entities import open_entity
from tests.support.sandbox import RunningSandbox, running_sandbox
from tests.support.services import wired_services
from tests.sync.conftest import LinkedBank

SIZES = (1_000, 10_000, 100_000)
"""A million is `--sizes 1000,10000,100000,1000000`: some ten minutes, and 20 GB of disk."""
_NEW_ROWS = 10
_REPEATS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One history."""

    rows: int
    import_s: float
    us_per_row: float
    peak_memory_mib: float
    ten_rows_ms: float
    """A sync that brings ten rows, median of five."""
    nothing_ms: float
    """A sync that brings nothing."""


def measure(rows: int) -> Result:
    """Import one history and add to it."""
    return asyncio.run(_measure(rows))


async def _measure(rows: int) -> Result:
    with throwaway_server() as facts:
        make_template(facts)
        with fresh_database(facts) as database, running_sandbox() as sandbox:
            async with new_pool(database.app_dsn) as pool, wired_services(pool, sandbox.base_url) as services:
                return await _imported(services, sandbox, await open_entity(pool, database), rows)


async def _imported(services: Services, sandbox: RunningSandbox, entity_id: int, rows: int) -> Result:
    token = await services.feed.sandbox_public_token(
        institution_id="ins_109508", username=f"user_history_{rows}", days_requested=HISTORY_DAYS
    )
    item_id = (await link_item(services, entity_id=entity_id, public_token=token))[0].item_id
    started = time.perf_counter()
    run = await sync_item(services, entity_id=entity_id, item_id=item_id)
    import_s = time.perf_counter() - started
    assert run.added == rows, f"asked for {rows} rows, got {run.added}"
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    bank = LinkedBank(services, sandbox, entity_id, item_id)
    ten_ms, nothing_ms = [], []
    for number in range(_REPEATS):
        await bank.change(*(_new_row(number * _NEW_ROWS + place) for place in range(_NEW_ROWS)))
        ten_ms.append(await _sync_ms(bank, adds=_NEW_ROWS))
        nothing_ms.append(await _sync_ms(bank, adds=0))
    return Result(
        rows=rows,
        import_s=import_s,
        us_per_row=import_s / rows * 1e6,
        peak_memory_mib=peak_mib,
        ten_rows_ms=statistics.median(ten_ms),
        nothing_ms=statistics.median(nothing_ms),
    )


async def _sync_ms(bank: LinkedBank, *, adds: int) -> float:
    started = time.perf_counter()
    run = await bank.sync()
    took_ms = (time.perf_counter() - started) * 1000
    assert run.added == adds
    return took_ms


def _new_row(number: int) -> dict[str, Any]:
    return {
        "op": "add",
        "account": "checking",
        "amount": 10 + number / 100,
        "date": datetime.now(UTC).date().isoformat(),
        "name": f"NEW ROW {number}",
    }


def main() -> None:
    """Print the costs, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    results: list[Result] = []
    for size in map(int, given.sizes.split(",")):
        # A process for each, because peak memory never falls.
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
            results.append(executor.submit(measure, size).result())
        if not given.json:
            _print(results[-1])
    if given.json:
        print(json.dumps([asdict(one) for one in results]))


def _print(one: Result) -> None:
    print(f"{one.rows:>9,} rows: {one.import_s:8.2f} s  {one.us_per_row:6.0f} µs a row", end="  ")
    print(f"peak {one.peak_memory_mib:5.0f} MiB; then ten rows {one.ten_rows_ms:6.1f} ms", end=", ")
    print(f"nothing {one.nothing_ms:6.1f} ms", flush=True)


if __name__ == "__main__":
    main()
