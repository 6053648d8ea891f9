"""Syncing one item in a process of its own that is killed (SIGKILL) just before its n-th database statement.

Such a process is forked from a server that has everything imported and the model read, so that a kill costs a few
hundredths of a second and not a whole start of Python. The server is single-threaded and does nothing else.
"""

import atexit
import gc
import itertools
import json
import os
import select
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import uvloop

from openledger_server.banking.feed import FeedError
from openledger_server.banking.types import ItemId
from openledger_server.base.db import new_pool
from openledger_server.categorization import model
from openledger_server.jobs.worker import new_worker_app
from openledger_server.plaid.client import PAGE_SIZE_MAX, PlaidFeed
from openledger_server.workflows.services import Services
from openledger_server.workflows.sync_item import NotSyncedError, sync_item
from tests.support.services import feed_of, wired_services

_TIMEOUT_S = 60
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a process does that dies before its n-th statement (COMMIT counts)."""

    app_dsn: str
    plaid_url: str
    entity_id: int
    item_id: int | None
    """The item to sync; None: work on the queue, as a worker does."""
    statement: int
    page_size: int = PAGE_SIZE_MAX
    """How many rows of the bank's a page has."""
    clock_offset_s: float = 0.0
    """How far the server's clock is from this machine's."""


def run_until_killed(job: Job) -> bool:
    """Run a process that dies before its n-th statement; return whether it died, or ended before that."""
    return _server().run(job)


@cache
def _server() -> "_ForkServer":
    return _ForkServer()


class _ForkServer:
    """The client's end of the process that forks workers."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.simulation.crash"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            text=True,
        )
        atexit.register(self._process.kill)

    def run(self, job: Job) -> bool:
        """Have one job done and return whether its process was killed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(job)) + "\n")
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], _TIMEOUT_S)[0]:
            raise AssertionError("the sync hung")
        status = int(self._process.stdout.readline())
        assert status in {0, -signal.SIGKILL}, f"the worker ended with {status}"
        return status != 0


def _serve() -> None:
    """Fork a worker for each job that comes in, one after the other, and say how it ended."""
    model.classify([model.Line(description="WARM UP", is_inflow=False)])
    feeds: dict[tuple[str, int], PlaidFeed] = {}
    for line in sys.stdin:
        job = Job(**json.loads(line))
        where = (job.plaid_url, job.page_size)
        if where not in feeds:
            feeds = {where: feed_of(job.plaid_url, page_size=job.page_size)}  # no connection is opened yet
            gc.collect()
            gc.freeze()  # else the first collection of every child would copy all pages
        child = os.fork()
        if child == 0:
            _work(job, feeds[where])
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _work(job: Job, feed: PlaidFeed) -> None:
    """Be the worker: never returns."""
    status = 1
    try:
        uvloop.run(_do(job, feed))
        status = 0
    except Exception:  # noqa: BLE001 - this process ends here, whatever it was
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


async def _do(job: Job, feed: PlaidFeed) -> None:
    async with new_pool(job.app_dsn, size_max=4) as pool:
        await pool.wait()
        async with wired_services(pool, job.plaid_url, feed=feed) as wired:
            offset = timedelta(seconds=job.clock_offset_s)
            services = replace(wired, now=lambda: datetime.now(UTC) + offset)
            _die_before(job.statement)
            if job.item_id is None:
                await _work_on_queue(services)
                return
            try:
                await sync_item(services, entity_id=job.entity_id, item_id=ItemId(job.item_id))
            except (FeedError, NotSyncedError):
                return  # a fault of the bank came first, or the connection is paused


async def _work_on_queue(services: Services) -> None:
    app = new_worker_app(services)
    app.periodic_registry.periodic_tasks.clear()
    async with app.open_async(services.pool):
        await app.run_worker_async(wait=False, concurrency=2, install_signal_handlers=False, listen_notify=False)


def _die_before(statement: int) -> None:
    """Instrument the database driver, not our own code: every statement, COPY and COMMIT counts one."""
    counter = itertools.count(1)

    def counted(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if next(counter) == statement:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*args, **kwargs)

        return call

    for owner, name in (
        (psycopg.AsyncCursor, "execute"),
        (psycopg.AsyncCursor, "copy"),
        (psycopg.AsyncConnection, "commit"),
    ):
        setattr(owner, name, counted(getattr(owner, name)))


if __name__ == "__main__":
    _serve()
