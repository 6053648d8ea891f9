"""`openledger doctor`: is everything there that the server needs, and if not, what to do."""

import asyncio
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

import httpx
from rich.table import Table
from rich.text import Text

from openledger_server import main
from openledger_server.base.db import DATABASE_FAILURES, new_pool
from openledger_server.base.errors import OpenLedgerError
from openledger_server.base.migrate import pending_migrations
from openledger_server.commands.databases import DatabaseUrls, available_database
from openledger_server.commands.output import EXIT_FAILED, people, print_json, told_plainly
from openledger_server.config import ConfigurationError, Settings
from openledger_server.jobs.health import QueueHealth, queue_health
from openledger_server.processes.postgres_binaries import PostgresError, demoted_user, find_binaries
from openledger_server.processes.postgres_cluster import has_cluster
from openledger_server.processes.private_files import is_private

_TIMEOUT_S = 10.0
_SKEW_MAX_S = 60.0
_OK = 200
_STYLES = {"ok": "green", "failed": "bold red", "skipped": "dim"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check came to."""

    name: str
    status: Literal["ok", "failed", "skipped"]
    detail: str
    advice: str = ""
    """What to do if it failed."""


def run_doctor(settings: Settings, *, as_json: bool) -> None:
    """Check everything and print the findings; end with status 1 if any check failed."""
    with told_plainly():
        findings = [*_local(settings), *asyncio.run(_plaid(settings))]
    is_well = all(finding.status != "failed" for finding in findings)
    if as_json:
        print_json({"ok": is_well, "checks": [asdict(finding) for finding in findings]})
    else:
        people.print(_table(findings))
    if not is_well:
        raise SystemExit(EXIT_FAILED)


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        detail = Text(finding.detail)
        if finding.advice and finding.status == "failed":
            detail.append(f"\n→ {finding.advice}", style="bold")
        table.add_row(Text(finding.status, style=_STYLES[finding.status]), finding.name, detail)
    return table


def _local(settings: Settings) -> list[Finding]:
    directory = _data_directory(settings)
    if directory.status == "failed":
        rest = [Finding(name, "skipped", "Needs the data directory.") for name in ("keys", "database", "queue")]
        return [directory, *rest]
    return [directory, _keys(settings), *_database(settings)]


def _data_directory(settings: Settings) -> Finding:
    name, where = "data directory", settings.data_dir
    try:
        nearest = next(step for step in (where, *where.parents) if step.exists())
        is_usable = nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    except OSError:
        nearest, is_usable = where, False
    if not is_usable:
        return Finding(name, "failed", f"{nearest} cannot be written to.", "Set OPENLEDGER_DATA_DIR to another place.")
    return Finding(name, "ok", str(where) if where.exists() else f"{where} will be made.")


def _keys(settings: Settings) -> Finding:
    """Check that the keys can be used and that nobody else can read them. Makes no key files."""
    name, folder = "keys", settings.data_dir / "keys"
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    open_files = [file for file in files if not is_private(file)]
    if open_files:
        listed = " ".join(str(file) for file in open_files)
        return Finding(name, "failed", f"Others on this machine may read {listed}.", f"Run: chmod 600 {listed}")
    has_both = settings.encryption_key is not None and settings.token_key is not None
    if not files and not has_both:
        return Finding(name, "skipped", "No key files yet; the first start makes them.")
    try:
        main.load_keys(settings)
    except ConfigurationError as exc:
        return Finding(name, "failed", str(exc), "Correct the setting, or restore the file from a backup.")
    return Finding(name, "ok", "From the environment." if has_both else f"{len(files)} private files in {folder}.")


def _database(settings: Settings) -> list[Finding]:
    name = "database"
    if settings.database_url is None and not has_cluster(settings.data_dir):
        return [_embeddable(settings), Finding("queue", "skipped", "Comes with the database.")]
    kind = "the embedded PostgreSQL" if settings.database_url is None else "OPENLEDGER_DATABASE_URL"
    try:
        with available_database(settings) as urls:
            pending = pending_migrations(urls.owner)
            if pending:
                told = f"{kind} answers, but lacks {len(pending)} migrations."
                schema = Finding(name, "failed", told, "Run: openledger migrate")
                return [schema, Finding("queue", "skipped", "Needs the schema.")]
            return [Finding(name, "ok", f"{kind} answers, schema up to date."), asyncio.run(_queue(urls))]
    except (PostgresError, OpenLedgerError) as exc:
        failure, advice = str(exc), "See the message; the log is postgres.log in the data directory."
    except DATABASE_FAILURES as exc:
        failure, advice = " ".join(str(exc).split()), "Is it running, and are address, user and password right?"
    unknown = Finding("queue", "skipped", "Needs the database.")
    return [Finding(name, "failed", f"{kind} does not work: {failure}", advice), unknown]


def _embeddable(settings: Settings) -> Finding:
    """Check that the embedded database could be made. Makes nothing."""
    try:
        binaries = find_binaries(settings.postgres_bin)
        demoted_user()
    except PostgresError as exc:
        return Finding("database", "failed", str(exc), "Or set OPENLEDGER_DATABASE_URL to a PostgreSQL of your own.")
    return Finding("database", "ok", f"The first start makes one with the embedded PostgreSQL {binaries.major}.")


async def _queue(urls: DatabaseUrls) -> Finding:
    async with new_pool(urls.app, size_max=1) as pool:
        health = await queue_health(pool)
    return judge_queue(health)


def judge_queue(health: QueueHealth) -> Finding:
    """Return whether the jobs of the queue are being worked on."""
    name = "queue"
    counts = f"{health.waiting} waiting, {health.running} running, {health.failed} failed; {health.workers} workers"
    if health.stalled:
        return Finding(
            name, "failed", f"{counts}; {health.stalled} jobs hang.", "Start a worker: it takes them up again."
        )
    if health.overdue and not health.workers:
        return Finding(name, "failed", f"{counts}; nobody works.", "Start one: openledger worker")
    return Finding(name, "ok", f"{counts}.")


async def _plaid(settings: Settings) -> list[Finding]:
    keys = settings.plaid_keys
    if keys is None:
        advice = "Set PLAID_CLIENT_ID, PLAID_SECRET and PLAID_ENV, or OPENLEDGER_SANDBOX=true to try without."
        missing = Finding("plaid", "failed", "No keys: no bank can be linked.", advice)
        return [missing, Finding("clock", "skipped", "Is compared with Plaid's.")]
    if settings.sandbox and settings.plaid_url is None:
        told = "The sandbox bank starts with the server."
        return [Finding("plaid", "skipped", told), Finding("clock", "skipped", "Is compared with Plaid's.")]
    body = {"client_id": keys[0], "secret": keys[1], "count": 1, "offset": 0, "country_codes": ["US"]}
    host = settings.plaid_base_url
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_S) as client:
            answer = await client.post(f"{host}/institutions/get", json=body)
    except httpx.HTTPError as exc:
        told = f"{host} does not answer: {type(exc).__name__}."
        advice = "Check the network: the server must reach it by HTTPS."
        return [Finding("plaid", "failed", told, advice), Finding("clock", "skipped", "Is compared with Plaid's.")]
    return [_judge_plaid(host, answer), judge_clock(answer.headers.get("date"), datetime.now(UTC))]


def _judge_plaid(host: str, answer: httpx.Response) -> Finding:
    if answer.status_code == _OK:
        return Finding("plaid", "ok", f"{host} answers and accepts the keys.")
    try:
        code = str(answer.json()["error_code"])
    except (ValueError, KeyError, TypeError):
        code = f"status {answer.status_code}"
    advice = "Do PLAID_CLIENT_ID and PLAID_SECRET belong to PLAID_ENV? Each environment has its own secret."
    return Finding("plaid", "failed", f"{host} answers {code}.", advice)


def judge_clock(date_header: str | None, now: datetime) -> Finding:
    """Return whether our clock agrees with that of an answer that came at `now`, to a minute."""
    try:
        theirs = parsedate_to_datetime(date_header or "")
    except ValueError:
        return Finding("clock", "skipped", "Plaid's answer holds no date.")
    skew_s = (now - theirs).total_seconds()
    told = f"{abs(skew_s):.0f} s {'ahead of' if skew_s > 0 else 'behind'} Plaid's."
    if abs(skew_s) > _SKEW_MAX_S:
        return Finding("clock", "failed", told, "Set this machine's clock, for example with NTP: tokens depend on it.")
    return Finding("clock", "ok", told)
