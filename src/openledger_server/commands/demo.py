"""`openledger demo`: a whole server, the main job on it with progress shown, the summary, then the web app."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from openledger_server.access.developers import create_developer
from openledger_server.commands.databases import prepare_data_directory
from openledger_server.commands.demo_job import DemoClient, DemoState, ImportProgress, load_state
from openledger_server.commands.demo_tables import DemoResult, as_document, print_result
from openledger_server.commands.output import CommandError, people, print_json, told_plainly
from openledger_server.commands.serving import RunningServer, running_server
from openledger_server.config import Settings
from openledger_server.processes.household import stops_on_signals
from openledger_server.processes.logs import configure_logging
from openledger_server.processes.private_files import PRIVATE_FILE
from openledger_server.processes.web_server import WebServerError, bind

_DEVELOPER = "Demo"
_ANY_PORT = 0


def run_demo(settings: Settings, *, stays: bool, as_json: bool) -> None:
    """Run the demo. `stays`: serve the web app afterwards until a signal comes. `as_json`: the summary as a document.

    Ends with status 1 if any ledger balance differs from its bank's.
    """
    with told_plainly(on_stop=_say_goodbye), stops_on_signals():
        settings = _demo_settings(settings)
        prepare_data_directory(settings)
        people.print(f"[bold]OpenLedger demo[/]  data in {settings.data_dir}\n", soft_wrap=True)
        with _log(settings) as child_log, _progress() as progress:
            starting = progress.add_task("Start database, API, worker and sandbox bank", total=None)
            with running_server(settings, with_worker=True, child_log=child_log) as server:
                _finish(progress, starting)
                result = _main_job(server, progress)
                progress.stop()
                _conclude(result, server, stays=stays, as_json=as_json)


def _say_goodbye() -> None:
    people.print("\nStopped. The data stay where they are; the next run goes on with them.")


def _demo_settings(settings: Settings) -> Settings:
    """Return the settings with what only the demo adds: data apart from a real server's, the web app, a free port."""
    changes: dict[str, object] = {"web_dir": settings.web_dir or find_web_app()}
    if "data_dir" not in settings.model_fields_set:
        changes["data_dir"] = settings.data_dir / "demo"
    if "port" not in settings.model_fields_set:
        try:
            bind(settings.host, settings.port).close()
        except WebServerError:
            changes["port"] = _ANY_PORT
    return settings.model_copy(update=changes)


def find_web_app() -> Path | None:
    """Return the built web app: the one shipped in this package, else that of the checkout we run from."""
    package = Path(__file__).resolve().parent.parent
    places = (package / "web", package.parent.parent / "apps" / "demo" / "dist")
    return next((place for place in places if (place / "index.html").is_file()), None)


@contextmanager
def _log(settings: Settings) -> Iterator[IO[bytes]]:
    """Send our records and whatever the children write to a file, so that the progress bars stay whole."""
    path = settings.data_dir / "demo.log"
    path.touch(mode=PRIVATE_FILE)
    with path.open("a", encoding="utf-8") as records, path.open("ab", buffering=0) as child_log:
        configure_logging(settings.log_level, stream=records)
        yield child_log


def _progress() -> Progress:
    columns = (SpinnerColumn(finished_text="[green]✓[/]"), TextColumn("{task.description}"))
    return Progress(*columns, BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn(), console=people)


def _finish(progress: Progress, task: object) -> None:
    progress.update(task, total=1, completed=1)  # type: ignore[arg-type]  # rich's TaskID is an int by another name


def _main_job(server: RunningServer, progress: Progress) -> DemoResult:
    state, client = _signed_in(server, progress)
    try:
        client.become_entity()
        if not client.bank_accounts():
            linking = progress.add_task("Link the studio's bank", total=None)
            client.link_bank()
            _finish(progress, linking)
        imported = _import(client, server, progress)
        reading = progress.add_task("Read the reports", total=None)
        accounts, reports = client.bank_accounts(), client.reports()
        _finish(progress, reading)
    finally:
        client.close()
    return DemoResult(server.base_url, state, accounts, imported, reports)


def _signed_in(server: RunningServer, progress: Progress) -> tuple[DemoState, DemoClient]:
    """Return the developer and entity of an earlier run if the server still knows them, else new ones."""
    signing_in = progress.add_task("Create a developer and an entity", total=None)
    data_dir = server.settings.data_dir
    state = load_state(data_dir)
    client = None if state is None else _client_if_known(server, state)
    if state is None or client is None:
        made = create_developer(server.urls.owner, name=_DEVELOPER)
        state = DemoState(developer_id=made.developer_id, api_key=made.api_key)
        client = DemoClient(server.base_url, state)
        client.become_developer()
    state.entity_id = client.create_entity()
    state.save(data_dir)
    server.demo.entity_id = int(state.entity_id)
    _finish(progress, signing_in)
    return state, client


def _client_if_known(server: RunningServer, state: DemoState) -> DemoClient | None:
    client = DemoClient(server.base_url, state)
    try:
        client.become_developer()
    except CommandError:  # the database was made anew
        client.close()
        return None
    return client


def _import(client: DemoClient, server: RunningServer, progress: Progress) -> ImportProgress:
    synced = progress.add_task("Import 24 months of transactions", total=None)
    judged = progress.add_task("Categorise and post them", total=None)

    def tell(now: ImportProgress) -> None:
        total = now.total or None
        progress.update(synced, completed=now.synced + now.pending, total=total)
        progress.update(judged, completed=now.categorized + now.to_review, total=(now.total - now.pending) or None)

    return client.wait_for_import(tell=tell, look_after=lambda seconds: server.look_after(for_s=seconds))


def _conclude(result: DemoResult, server: RunningServer, *, stays: bool, as_json: bool) -> None:
    if as_json:
        print_json(as_document(result))
    else:
        print_result(result, people)
    if not result.is_proved:
        raise CommandError("A ledger balance differs from its bank's. That must never be: please report it.")
    if stays:
        if server.settings.web_dir is None:
            people.print("The web app is not built; the API alone is served.")
        people.print(f"Open [bold cyan]{server.base_url}[/]   API: {server.base_url}/docs   Ctrl-C ends everything.")
        server.look_after(for_s=math.inf)
