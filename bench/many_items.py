"""How long 200 connections take to import when one worker process works, and when two do.

Every connection is linked and its sync queued; then worker processes start and the time is taken until all histories
are complete. On two cores the workers share them with PostgreSQL and the sandbox bank, which bounds what a second one
can win.
"""

import argparse
import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass

import psycopg

from openledger_server.base.db import new_pool
from openledger_server.jobs.worker import new_worker_app
from openledger_server.workflows.link_item import HISTORY_DAYS, link_item
from tests.support.database import Database, fresh_database, make_template, throwaway_server
from tests.support.entities import open_entity
from tests.support.sandbox import running_sandbox
from tests.support.services import wired_services

_WORKERS = (1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One run."""

    workers: int
    items: int
    rows: int
    seconds: float
    items_per_s: float


async def measure(items: int, rows: int, workers: int) -> Result:
    """Link `items` banks of `rows` rows, each of an entity of its own, and let `workers` processes import them."""
    with throwaway_server() as facts:
        make_template(facts)
        with fresh_database(facts) as database, running_sandbox() as sandbox:
            await _link(database, sandbox.base_url, items, rows)
            started = time.perf_counter()
            command = ["-m", "bench.many_items", "--work", database.app_dsn, sandbox.base_url]
            processes = [await asyncio.create_subprocess_exec(sys.executable, *command) for _ in range(workers)]
            assert [await process.wait() for process in processes] == [0] * workers
            seconds = time.perf_counter() - started
            with psycopg.connect(database.owner_dsn) as owner:
                counted = owner.execute(
                    "SELECT (SELECT count(*) FROM item WHERE history_complete_at IS NOT NULL),"
                    " (SELECT count(*) FROM bank_transaction)"
                ).fetchone()
            assert counted == (items, items * rows)
    return Result(workers=workers, items=items, rows=rows, seconds=seconds, items_per_s=items / seconds)


async def _link(database: Database, plaid_url: str, items: int, rows: int) -> None:
    async with new_pool(database.app_dsn) as pool, wired_services(pool, plaid_url) as services:
        for _ in range(items):
            token = await services.feed.sandbox_public_token(
                institution_id="ins_109508", username=f"user_history_{rows}", days_requested=HISTORY_DAYS
            )
            await link_item(services, entity_id=await open_entity(pool, database), public_token=token)


async def work(dsn: str, plaid_url: str) -> None:
    """Be a worker until nothing is queued."""
    async with new_pool(dsn) as pool, wired_services(pool, plaid_url) as services:
        app = new_worker_app(services)
        app.periodic_registry.periodic_tasks.clear()
        async with app.open_async(pool):
            await app.run_worker_async(wait=False, concurrency=4, delete_jobs="successful")


def main() -> None:
    """Print the times, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--item-rows", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--work", nargs=2, metavar=("DSN", "URL"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        asyncio.run(work(*given.work))
        return
    results = [asyncio.run(measure(given.items, given.item_rows, workers)) for workers in _WORKERS]
    if given.json:
        print(json.dumps([asdict(one) for one in results]))
        return
    for one in results:
        print(f"{one.items} connections of {one.rows} rows, {one.workers} workers: {one.seconds:6.1f} s")


if __name__ == "__main__":
    main()
