"""Syncing one item in a process of its own that is killed (SIGKILL) just before its n-th database statement."""

import asyncio
import itertools
import multiprocessing
import os
import signal
from collections.abc import Callable
from typing import Any

import psycopg

from openledger_server.banking.feed import FeedError
from openledger_server.banking.types import ItemId
from openledger_server.base.db import new_pool
from openledger_server.workflows.sync_item import sync_item
from tests.support.services import wired_services

_TIMEOUT_S = 60
# Workers are forked from a small single-threaded server that has everything imported: 30 ms each instead of a second.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.simulation.crash"])


def sync_killed_at(app_dsn: str, plaid_url: str, *, entity_id: int, item_id: int, statement: int) -> bool:
    """Run a sync that dies before its n-th statement (COMMIT counts); return whether it died or ended before that."""
    process = _CONTEXT.Process(target=_worker, args=(app_dsn, plaid_url, entity_id, item_id, statement))
    process.start()
    process.join(_TIMEOUT_S)
    if process.is_alive():
        process.kill()
        process.join()
        raise AssertionError("the sync hung")
    assert process.exitcode in {0, -signal.SIGKILL}, f"the worker ended with {process.exitcode}"
    return process.exitcode != 0


def _worker(app_dsn: str, plaid_url: str, entity_id: int, item_id: int, statement: int) -> None:
    asyncio.run(_sync(app_dsn, plaid_url, entity_id, item_id, statement))


async def _sync(app_dsn: str, plaid_url: str, entity_id: int, item_id: int, statement: int) -> None:
    async with new_pool(app_dsn, size_max=2) as pool:
        await pool.wait()
        async with wired_services(pool, plaid_url) as services:
            _die_before(statement)
            try:
                await sync_item(services, entity_id=entity_id, item_id=ItemId(item_id))
            except FeedError:
                return  # a fault of the bank came first


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
