"""The command `openledger`: what it accepts. What it does is in `commands`, opened when asked for, to stay quick."""

# ruff: noqa: PLC0415  # each command imports its own half of the house

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from openledger_server.config import Settings

app = typer.Typer(
    help="Bank feeds and double-entry bookkeeping to embed. Settings: docs/configuration.md.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
developers = typer.Typer(help="The companies that embed this server.", no_args_is_help=True)
app.add_typer(developers, name="developer")
webhooks = typer.Typer(help="The webhooks that Plaid sent.", no_args_is_help=True)
app.add_typer(webhooks, name="webhooks")
periods = typer.Typer(help="Closing an entity's books through a day, and reopening them.", no_args_is_help=True)
app.add_typer(periods, name="period")
rates = typer.Typer(help="Exchange rates.", no_args_is_help=True)
app.add_typer(rates, name="rates")

connections = typer.Typer(help="The connections to banks, of all tenants.", no_args_is_help=True)
app.add_typer(connections, name="connections")

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Database, keys and sandbox state. OPENLEDGER_DATA_DIR.")
]
Host = Annotated[str | None, typer.Option(help="Address to listen on. OPENLEDGER_HOST.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one. OPENLEDGER_PORT.")]
Sandbox = Annotated[
    bool | None, typer.Option("--sandbox/--no-sandbox", help="The sandbox bank in Plaid's place. OPENLEDGER_SANDBOX.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")]


def _settings(**given: object) -> "Settings":
    from openledger_server.commands.output import told_plainly
    from openledger_server.config import load_settings

    with told_plainly():
        return load_settings(**given)


@app.command()
def demo(
    *,
    data_dir: DataDir = None,
    host: Host = None,
    port: Port = None,
    exit_: Annotated[bool, typer.Option("--exit", help="End after the summary instead of serving.")] = False,
    json: Json = False,
) -> None:
    """Link a sample business's bank over the public API, show its books, and serve the web app."""
    settings = _settings(data_dir=data_dir, host=host, port=port, sandbox=True)
    from openledger_server.commands.demo import run_demo

    run_demo(settings, stays=not exit_, as_json=json)


@app.command()
def serve(
    *,
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    sandbox: Sandbox = None,
    worker: Annotated[bool, typer.Option("--worker/--no-worker", help="Also run a worker beside the API.")] = True,
) -> None:
    """Run the server: the API, a worker and, unless OPENLEDGER_DATABASE_URL is set, PostgreSQL."""
    settings = _settings(data_dir=data_dir, host=host, port=port, sandbox=sandbox)
    from openledger_server.commands import serve as serving

    serving.serve(settings, with_worker=worker)


@app.command()
def worker(*, data_dir: DataDir = None) -> None:
    """Run one more worker on the same database."""
    settings = _settings(data_dir=data_dir)
    from openledger_server.commands import serve as serving

    serving.work(settings)


@app.command()
def migrate(*, data_dir: DataDir = None, json: Json = False) -> None:
    """Bring the database to the schema of this version. `serve` and `worker` do it by themselves."""
    settings = _settings(data_dir=data_dir)
    from openledger_server.commands.administration import migrate_database

    migrate_database(settings, as_json=json)


@developers.command("create")
def create_developer(
    name: Annotated[str, typer.Argument(help="What to call the developer.")],
    *,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Make a developer and an API key. The key is shown once and stored only as a hash."""
    settings = _settings(data_dir=data_dir)
    from openledger_server.commands.administration import make_developer

    make_developer(settings, name, as_json=json)


Since = Annotated[datetime | None, typer.Option(help="Received since then, in UTC: 2026-05-01T12:00:00.")]


@webhooks.command("list")
def list_webhooks(
    *,
    since: Since = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest.")] = 50,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show what was received and whether it was handled; without what it says."""
    settings = _settings(data_dir=data_dir)
    from openledger_server.commands.webhooks import show_webhooks

    show_webhooks(settings, since=since, limit=limit, as_json=json)


@webhooks.command("replay")
def replay_webhooks(
    *,
    since: Since = None,
    id_: Annotated[int | None, typer.Option("--id", help="This one only.")] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Handle webhooks once more: those since a time, or one. Handling twice changes nothing that once did not."""
    settings = _settings(data_dir=data_dir)
    from openledger_server.commands.webhooks import replay

    replay(settings, since=since, webhook_id=id_, as_json=json)


Connection = Annotated[int, typer.Argument(help="The connection's id.")]


@connections.command("list")
def list_connections(
    *,
    entity: Annotated[int | None, typer.Option(help="Of this entity only.")] = None,
    status: Annotated[str | None, typer.Option(help="In this state only, such as login_required.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest.")] = 50,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show how connections are: state, last sync, last error."""
    settings = _settings(data_dir=data_dir)
    from openledger_server.commands.connections import list_connections as listing

    listing(settings, entity_id=entity, state=status, limit=limit, as_json=json)


@connections.command("show")
def show_connection(connection: Connection, *, data_dir: DataDir = None, json: Json = False) -> None:
    """Show one connection with its dates and its last error; never its access token."""
    settings = _settings(data_dir=data_dir)
    from openledger_server.commands.connections import show_connection as showing

    showing(settings, connection, as_json=json)


@connections.command("audit")
def audit_connection(
    connection: Connection, *, data_dir: DataDir = None, sandbox: Sandbox = None, json: Json = False
) -> None:
    """Compare the last 60 days and the balances with the bank now, and show what differs."""
    settings = _settings(data_dir=data_dir, sandbox=sandbox)
    from openledger_server.commands.connections import audit

    audit(settings, connection, as_json=json)


def _steer(name: str, summary: str) -> None:
    @connections.command(name, help=summary)
    def steer(connection: Connection, *, data_dir: DataDir = None, sandbox: Sandbox = None, json: Json = False) -> None:
        settings = _settings(data_dir=data_dir, sandbox=sandbox)
        from openledger_server.commands.connections import do

        do(settings, connection, name, as_json=json)


_steer("sync", "Queue a sync for the worker.")
_steer("pause", "Stop syncing until it is resumed.")
_steer("resume", "Sync a paused connection again.")
_steer("refresh", "Have the provider look at the bank now; at most twice a minute.")
_steer("disconnect", "End the access at the provider for good; what was imported and booked stays.")


@app.command()
def sandbox(*, host: Host = "127.0.0.1", port: Port = 8100, data_dir: DataDir = None) -> None:
    """Run the local Plaid alone, with its Link dialog. Its keys: sandbox-client-id, sandbox-secret."""
    settings = _settings(data_dir=data_dir, host=host, port=port)
    from openledger_server.commands.sandbox import run_sandbox

    run_sandbox(host=settings.host, port=settings.port, data_dir=settings.data_dir / "sandbox")


@app.command()
def doctor(*, data_dir: DataDir = None, sandbox: Sandbox = None, json: Json = False) -> None:
    """Check configuration, database, queue, Plaid and the clock, and say what to do. Status 1 if anything fails."""
    settings = _settings(data_dir=data_dir, sandbox=sandbox)
    from openledger_server.commands.doctor import run_doctor

    run_doctor(settings, as_json=json)


@app.command()
def export(
    entity_id: Annotated[int, typer.Argument(help="The entity whose journal it is.")],
    *,
    format_: Annotated[str, typer.Option("--format", help="hledger, beancount or csv.")] = "hledger",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file to write; standard output if left out.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Write an entity's journal for hledger, beancount or a spreadsheet."""
    settings = _settings(data_dir=data_dir)
    from openledger_server.commands.export import export_journal

    export_journal(settings, entity_id, format_name=format_, output=output)


ReportDay = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


@app.command()
def report(
    entity_id: Annotated[int, typer.Argument(help="The entity whose report it is.")],
    name: Annotated[
        str, typer.Argument(help="income-statement, balance-sheet, cash-flow, ..., financial-statements (all in one).")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write: .pdf, .xlsx or .csv.")],
    *,
    year: Annotated[int | None, typer.Option(help="This calendar year.")] = None,
    month: Annotated[int | None, typer.Option(help="This month of it.")] = None,
    start: ReportDay = None,
    end: ReportDay = None,
    compare: Annotated[str | None, typer.Option(help="previous-period, previous-year, months or quarters.")] = None,
    basis: Annotated[str, typer.Option(help="accrual or cash.")] = "accrual",
    valuation: Annotated[
        str, typer.Option(help="Foreign money on the balance sheet: closing, at the rates of its day, or cost.")
    ] = "closing",
    currency: Annotated[str | None, typer.Option(help="Else the entity's own.")] = None,
    account: Annotated[int | None, typer.Option(help="With account-transactions: the ledger account's id.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Write a report as PDF, Excel workbook or CSV. Without a period: this fiscal year up to today."""
    settings = _settings(data_dir=data_dir)
    from openledger_server.commands.report import Wish, write_report

    wish = Wish(
        report=name,
        year=year,
        month=month,
        start=None if start is None else start.date(),
        end=None if end is None else end.date(),
        comparison=compare,
        basis=basis,
        valuation=valuation,
        currency=currency,
        account=account,
    )
    write_report(settings, entity_id, wish, output=output)


@app.command()
def verify(
    *,
    entity: Annotated[int | None, typer.Option(help="This entity's books only.")] = None,
    expect: Annotated[
        str | None, typer.Option(help="BATCH:DIGEST noted earlier; also check that the journal still has it.")
    ] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Check the books: every entry, total, statement and digest. Status 1 if anything is wrong."""
    settings = _settings(data_dir=data_dir)
    from openledger_server.commands.verify import run_verify

    run_verify(settings, entity_id=entity, anchor=expect, as_json=json)


Entity = Annotated[int, typer.Option(help="The entity's id.")]
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last closed day.")]
Role = Annotated[str, typer.Option(help="As what you act: owner, administrator, accountant, bookkeeper.")]
Reason = Annotated[str, typer.Option(help="Why; kept for good.")]


@periods.command("show")
def show_periods(*, entity: Entity, data_dir: DataDir = None, json: Json = False) -> None:
    """Show through which day the books are closed, who did it and why, and what waits for it."""
    settings = _settings(data_dir=data_dir)
    from openledger_server.commands import books

    books.show_periods(settings, entity_id=entity, as_json=json)


@periods.command("close")
def close_period(
    *, entity: Entity, through: Day, role: Role, reason: Reason, data_dir: DataDir = None, json: Json = False
) -> None:
    """Refuse entries dated on or before a day."""
    settings = _settings(data_dir=data_dir)
    from openledger_server.commands import books

    books.close(settings, entity_id=entity, through=through.date(), role=role, reason=reason, as_json=json)


@periods.command("reopen")
def reopen_period(
    *,
    entity: Entity,
    through: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="What stays closed; left out: nothing.")
    ] = None,
    role: Role,
    reason: Reason,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Allow entries again, and book the bank transactions that waited for it."""
    settings = _settings(data_dir=data_dir)
    from openledger_server.commands import books

    day = None if through is None else through.date()
    books.reopen(settings, entity_id=entity, through=day, role=role, reason=reason, as_json=json)


@rates.command("load")
def load_rates(
    file: Annotated[Path, typer.Argument(help="CSV with the columns currency, date, rate.")],
    *,
    entity: Entity,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Load what units of other currencies are worth in the base currency, and book what waited for it."""
    settings = _settings(data_dir=data_dir)
    from openledger_server.commands import books

    books.load(settings, entity_id=entity, file=file, as_json=json)


@app.command()
def categorize(
    *,
    online: Annotated[
        bool, typer.Option("--online", help="Serve one owner's history: start, predict and learn lines.")
    ] = False,
) -> None:
    """Answer JSON lines on standard input with categories: {id, description, amount, account_type}; no database."""
    from openledger_server.commands.categorize import run

    run(online=online)


def main() -> None:
    """Run the command line."""
    # Scripts start this one for every file, and reading options takes the parser longer than loading the model.
    if sys.argv[1:] in (["categorize"], ["categorize", "--online"]):
        from openledger_server.commands.categorize import run

        run(online=len(sys.argv) > 2)  # noqa: PLR2004  # the command's name and its only option
        return
    app()


if __name__ == "__main__":
    main()
