"""A whole server: database, sandbox bank, worker and API, started in order and looked after."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

from openledger_server import main
from openledger_server.base.migrate import migrate
from openledger_server.commands.databases import DatabaseUrls, prepare_data_directory, start_database
from openledger_server.config import Settings, bare_environment, child_environment
from openledger_server.processes.children import Child, ChildPlan
from openledger_server.processes.household import Household
from openledger_server.processes.web_server import WebServer, bind

WORKER_READY = "openledger worker ready"
_SANDBOX_READY = "plaid-sandbox ready on "
_CHECK_S = 0.25


@dataclass(slots=True)
class RunningServer:
    """A server that answers."""

    base_url: str
    """Where to reach it from this machine."""
    settings: Settings
    """As they are now that every part has its address."""
    urls: DatabaseUrls
    household: Household = field(repr=False)
    demo: main.DemoEntity = field(repr=False)

    def look_after(self, *, for_s: float) -> None:
        """Keep its processes running for some seconds; `inf` means until a signal or a failure ends it."""
        end_s = time.monotonic() + for_s
        while True:
            self.household.check()
            left_s = end_s - time.monotonic()
            if left_s <= 0:
                return
            time.sleep(min(_CHECK_S, left_s))


@contextmanager
def running_server(
    settings: Settings, *, with_worker: bool, child_log: IO[bytes] | None = None
) -> Iterator[RunningServer]:
    """Run a server for the length of a block. Call it from the main thread, inside `stops_on_signals`.

    `child_log` takes what the children write, else it goes to our standard error.

    Raises:
        PostgresError, ChildError, WebServerError: if a part does not start.
        ConfigurationError: if the data directory or the keys cannot be used.
    """
    prepare_data_directory(settings)
    household, demo = Household(), main.DemoEntity(settings.demo_entity_id)
    main.load_keys(settings)  # made now, so that no two processes make them at the same time
    bound = bind(settings.host, settings.port)
    try:
        settings = settings.model_copy(update={"port": bound.getsockname()[1]})
        sandbox = _begin_sandbox(settings, household, child_log) if settings.sandbox else None
        urls = start_database(settings, household)
        migrate(urls.owner)
        if sandbox is not None:
            settings = settings.model_copy(update={"plaid_url": _settled_url(sandbox)})
        worker = _start_worker(settings, household, child_log) if with_worker else None
        server = WebServer(lambda: main.open_application(settings, urls.app, demo), bound)
        household.add(server)
        server.start()
        if worker is not None:
            worker.wait_ready()
        yield RunningServer(settings.local_url, settings, urls, household, demo)
    finally:
        household.stop()
        bound.close()


def _begin_sandbox(settings: Settings, household: Household, child_log: IO[bytes] | None) -> Child:
    where = ("--host", "127.0.0.1", "--data-dir", str(settings.data_dir / "sandbox"))
    plan = ChildPlan(
        name="sandbox bank",
        command=(sys.executable, "-m", "plaid_sandbox", *where, "--port", str(settings.sandbox_port)),
        environment=bare_environment(),
        ready_mark=_SANDBOX_READY,
    )
    sandbox = Child(plan, errors=child_log)
    household.add(sandbox)
    sandbox.begin()
    return sandbox


def _settled_url(sandbox: Child) -> str:
    """Wait for the sandbox's address and see to it that it keeps it when it has to start again."""
    url = sandbox.wait_ready().partition(_SANDBOX_READY)[2].strip()
    sandbox.change_command((*sandbox.command[:-1], url.rpartition(":")[2]))
    return url


def _start_worker(settings: Settings, household: Household, child_log: IO[bytes] | None) -> Child:
    plan = ChildPlan(
        name="worker",
        command=(sys.executable, "-m", "openledger_server.cli", "worker"),
        environment=child_environment(settings),
        ready_mark=WORKER_READY,
    )
    worker = Child(plan, errors=child_log)
    household.add(worker)
    worker.begin()
    return worker
