"""`openledger report`: a report as a file, for scripts."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from openledger_server.access import store as access
from openledger_server.base import db
from openledger_server.base.migrate import migrate
from openledger_server.commands.databases import available_database
from openledger_server.commands.output import CommandError, people, told_plainly
from openledger_server.config import Settings
from openledger_server.documents.assembly import assembled
from openledger_server.documents.files import check_format, file_content
from openledger_server.documents.requests import FileFormat, ReportName, ReportRequest, format_named, report_named
from openledger_server.documents.types import Document
from openledger_server.documents.typesetter import Typesetter
from openledger_server.reports.periods import Comparison, requested_period
from openledger_server.reports.types import Basis, Valuation, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the command line asks for, as it was typed."""

    report: str
    year: int | None
    month: int | None
    start: date | None
    end: date | None
    comparison: str | None
    basis: str
    currency: str | None
    account: int | None
    valuation: str = Valuation.CLOSING.value


def write_report(settings: Settings, entity_id: int, wish: Wish, *, output: Path) -> None:
    """Write a report to a file; its ending says in which format."""
    with told_plainly():
        file_format = format_named(output.suffix.removeprefix("."))
        report = report_named(wish.report)
        check_format(report, file_format)
        with available_database(settings) as urls:
            migrate(urls.owner)
            content = asyncio.run(_content(urls.app, entity_id, report, wish, file_format))
        try:
            output.write_bytes(content)
        except OSError as exc:
            raise CommandError(f"{output} cannot be written: {exc.strerror}.") from exc
    people.print(f"{output}: {len(content):,} bytes.")


async def _content(dsn: str, entity_id: int, report: ReportName, wish: Wish, file_format: FileFormat) -> bytes:
    typesetter = Typesetter()
    try:
        return await file_content(await _document(dsn, entity_id, report, wish), file_format, typesetter)
    finally:
        await typesetter.close()


async def _document(dsn: str, entity_id: int, report: ReportName, wish: Wish) -> Document:
    now = datetime.now(UTC)
    async with db.new_pool(dsn, size_max=1) as pool, db.read_entity(pool, entity_id=entity_id) as conn:
        details = (await access.entity(conn, entity_id=entity_id)).details
        month = details.fiscal_year_start_month
        period = requested_period(
            today=now.date(),
            month=wish.month,
            year=wish.year,
            start_date=wish.start,
            end_date=wish.end,
            fiscal_year_month=month,
        )
        request = ReportRequest(
            report=report,
            period=period,
            view=View(
                currency=wish.currency or details.base_currency,
                is_translated=wish.currency is None,
                basis=_basis(wish.basis),
                fiscal_year_month=month,
                valuation=_valuation(wish.valuation),
            ),
            comparison=_comparison(wish.comparison),
            ledger_account_id=wish.account,
        )
        return await assembled(conn, request, entity_id=entity_id, entity_name=details.legal_name, now=now)


def _basis(text: str) -> Basis:
    try:
        return Basis(text.upper())
    except ValueError:
        raise CommandError("--basis is accrual or cash.") from None


def _valuation(text: str) -> Valuation:
    try:
        return Valuation(text.lower())
    except ValueError:
        raise CommandError("--valuation is closing or cost.") from None


def _comparison(text: str | None) -> Comparison | None:
    try:
        return None if text is None else Comparison(text.lower().replace("-", "_"))
    except ValueError:
        raise CommandError(f"--compare is one of {', '.join(Comparison)}.") from None
