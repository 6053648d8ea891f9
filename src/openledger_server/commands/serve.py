"""`openledger serve` and `openledger worker`."""

import asyncio
import math

from openledger_server import main
from openledger_server.base.migrate import migrate
from openledger_server.commands.databases import available_database
from openledger_server.commands.output import print_line, told_plainly
from openledger_server.commands.serving import WORKER_READY, running_server
from openledger_server.config import Settings
from openledger_server.processes.household import stops_on_signals
from openledger_server.processes.logs import configure_logging


def serve(settings: Settings, *, with_worker: bool) -> None:
    """Run a server until a signal ends it; say on standard output when it is ready."""
    configure_logging(settings.log_level)
    with told_plainly(), stops_on_signals():
        main.new_feed(settings)  # says now what is missing, before anything starts
        with running_server(settings, with_worker=with_worker) as server:
            print_line(f"openledger ready on {server.base_url}")
            server.look_after(for_s=math.inf)


def work(settings: Settings) -> None:
    """Run a worker until a signal ends it; say on standard output when it is ready."""
    configure_logging(settings.log_level)
    with told_plainly():
        main.new_feed(settings)
        with available_database(settings) as urls:
            migrate(urls.owner)
            # The queue's own signal handlers let running jobs end, or give them back.
            asyncio.run(main.run_worker(settings, urls.app, on_ready=lambda: print_line(WORKER_READY)))
