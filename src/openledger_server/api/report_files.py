"""Reports as files: PDF, workbook and comma-separated text, with an access token or by a signed link."""

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Response
from fastapi import Request as HttpRequest

from openledger_server.access import store as access
from openledger_server.access.links import Link, opened_link, signed_link
from openledger_server.access.types import UnknownEntityError, parse_id
from openledger_server.api.auth import Caller, EntityScope
from openledger_server.api.context import ApiContext, Context
from openledger_server.api.errors import failures
from openledger_server.api.report_request import AskedReport, Request, request_of
from openledger_server.base import db
from openledger_server.documents import requests as files
from openledger_server.documents.assembly import assembled
from openledger_server.documents.files import check_format, file_content
from openledger_server.documents.requests import (
    FileFormat,
    ReportName,
    ReportRequest,
    format_named,
    report_named,
)
from openledger_server.documents.types import Document
from openledger_server.ledger.store import UnknownLedgerAccountError

router = APIRouter(prefix="/v1/reports", tags=["Reports"])

_PDF_PATH: Final = "/v1/reports/pdf"
_MEDIA_TYPES: Final[Mapping[FileFormat, str]] = {
    FileFormat.PDF: "application/pdf",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.CSV: "text/csv; charset=utf-8",
}
_FILES: dict[int | str, dict[str, object]] = {
    200: {
        "description": "The file.",
        "content": {
            media.split(";")[0]: {"schema": {"type": "string", "format": "binary"}} for media in _MEDIA_TYPES.values()
        },
    }
}
_NOT_IN_A_FILE_NAME = re.compile(r"[^A-Za-z0-9]+")
_NAME_LENGTH_MAX = 60


@router.get(
    "/download",
    summary="Download a report as PDF, XLSX or CSV",
    response_class=Response,
    responses=failures(400, 401, 404, 429) | _FILES,
)
async def download_report(
    context: Context,
    entity_id: EntityScope,
    asked: AskedReport,
    report: Annotated[str, Query(description=f"{', '.join(ReportName)}.")],
    format_: Annotated[str, Query(alias="format", description="pdf, xlsx or csv.")] = "pdf",
    ledger_account_id: Annotated[
        str | None, Query(alias="ledgerAccountId", description="With account-transactions: which ledger account.")
    ] = None,
) -> Response:
    """Make a file of what is booked. Without a period: this fiscal year up to today."""
    name, file_format = report_named(report), format_named(format_)
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        made_out = await request_of(conn, asked, entity_id=entity_id, now=context.services.now())
    request = file_request(name, made_out, ledger_account_id=ledger_account_id)
    return await report_file(context, request, file_format, entity_id=entity_id)


@router.get(
    "/pdf",
    summary="Open a PDF by its link",
    response_class=Response,
    responses=failures(400, 403, 404, 429) | _FILES,
)
async def open_pdf_link(
    http: HttpRequest,
    context: Context,
    link: Annotated[str, Query(description="The signed text of a link from `pdf_urls` or `pdf_url`.")],
) -> Response:
    """Make the PDF that a signed link stands for. Needs no access token; the link is good for 15 minutes."""
    opened = opened_link(context.token_keys, link, now=context.services.now())
    async with db.read_entity(context.services.pool, entity_id=opened.entity_id) as conn:
        owner_id = await access.entity_developer_id(conn, entity_id=opened.entity_id)
    if owner_id != opened.developer_id:
        raise UnknownEntityError
    http.state.entity_id = str(opened.entity_id)
    return await report_file(
        context, files.request_of(opened.parameters), FileFormat.PDF, entity_id=opened.entity_id, is_shown=True
    )


@dataclass(frozen=True, slots=True)
class PdfLinks:
    """Makes addresses that open PDFs on behalf of whoever is asking."""

    context: ApiContext
    developer_id: int
    base_url: str

    def url(self, report: ReportName, request: Request, *, entity_id: int, ledger_account_id: str | None = None) -> str:
        """Return an address that opens a report as PDF for the next 15 minutes, for whoever has it."""
        asked = file_request(report, request, ledger_account_id=ledger_account_id)
        link = Link(developer_id=self.developer_id, entity_id=entity_id, parameters=asked.parameters())
        signed = signed_link(self.context.token_keys, link, now=self.context.services.now())
        return f"{self.base_url}{_PDF_PATH}?{urlencode({'link': signed})}"


async def pdf_links(http: HttpRequest, context: Context, claims: Caller) -> PdfLinks:
    """Return the maker of links for this request."""
    base_url = context.settings.public_url or str(http.base_url).rstrip("/")
    return PdfLinks(context, claims.developer_id, base_url)


Links = Annotated[PdfLinks, Depends(pdf_links)]


def file_request(report: ReportName, request: Request, *, ledger_account_id: str | None = None) -> ReportRequest:
    """Return what a caller wants as a file.

    Raises:
        LedgerAccountRequiredError: if a ledger account is missing where there must be one, or given where not.
        UnknownLedgerAccountError: if it cannot be the id of one.
        NoCashBasisError: if the report has no cash basis.
    """
    account = None if ledger_account_id is None else parse_id(ledger_account_id)
    if ledger_account_id is not None and account is None:
        raise UnknownLedgerAccountError("There is no such category in this entity's chart of accounts.")
    return ReportRequest(
        report=report,
        period=request.period,
        view=request.view,
        comparison=request.asked.comparison,
        ledger_account_id=account,
    )


async def report_file(
    context: ApiContext,
    request: ReportRequest,
    file_format: FileFormat,
    *,
    entity_id: int,
    is_shown: bool = False,
) -> Response:
    """Return the answer that holds a report's file; `is_shown`: browsers open it instead of saving it."""
    check_format(request.report, file_format)
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        name = (await access.entity(conn, entity_id=entity_id)).details.legal_name
        document = await assembled(conn, request, entity_id=entity_id, entity_name=name, now=context.services.now())
    # The database is done with before the long part begins.
    # The typesetter counts for itself.
    slot = contextlib.nullcontext() if file_format is FileFormat.PDF else context.file_slots
    async with slot:
        content = await file_content(document, file_format, context.typesetter)
    disposition = "inline" if is_shown else "attachment"
    return Response(
        content,
        media_type=_MEDIA_TYPES[file_format],
        headers={
            "Content-Disposition": f'{disposition}; filename="{_file_name(document, request)}.{file_format}"',
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        },
    )


def _file_name(document: Document, request: ReportRequest) -> str:
    """Return "Lantern-Design-Studio-income-statement-2026-01-01-to-2026-11-25", in characters any system takes."""
    entity = _NOT_IN_A_FILE_NAME.sub("-", document.entity).strip("-")[:_NAME_LENGTH_MAX]
    days = f"{request.period.since.isoformat()}-to-{request.period.last_day.isoformat()}"
    return "-".join(filter(None, [entity, request.report.value, days]))
