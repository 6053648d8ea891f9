"""The journal as a file for other programs."""

import tempfile
from collections.abc import Iterator
from typing import IO, Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask

from openledger_server.api.auth import EntityScope
from openledger_server.api.context import Context
from openledger_server.api.errors import failures
from openledger_server.api.report_request import Day
from openledger_server.base import db
from openledger_server.reports.exports.journal import JournalFormat, journal_format, journal_lines
from openledger_server.reports.periods import dates_period

router = APIRouter(prefix="/v1/reports", tags=["Reports"])

_IN_MEMORY_BYTES = 4 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024
_FILES: dict[int | str, dict[str, object]] = {
    200: {
        "description": "The file.",
        "content": {"text/plain": {"schema": {"type": "string"}}, "text/csv": {"schema": {"type": "string"}}},
    }
}


@router.get(
    "/journal",
    summary="Download the journal for hledger, beancount or a spreadsheet",
    response_class=Response,
    responses=failures(400, 401, 404) | _FILES,
)
async def download_journal(
    context: Context,
    entity_id: EntityScope,
    format_: Annotated[str, Query(alias="format", description="hledger, beancount or csv.")] = JournalFormat.CSV.value,
    start_date: Annotated[Day | None, Query(alias="startDate", description="First day; else the beginning.")] = None,
    end_date: Annotated[Day | None, Query(alias="endDate", description="Last day, included; else the end.")] = None,
) -> Response:
    """Return every journal entry with its postings, in all currencies, oldest first.

    hledger's and beancount's own statements of this file equal ours to the cent.
    """
    name = journal_format(format_)
    until = None if end_date is None else dates_period(start_date or end_date, end_date).until
    # Written out before the answer begins, so that a slow reader holds no database connection.
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115  # closed after the answer
    try:
        async with context.file_slots, db.read_entity(context.services.pool, entity_id=entity_id) as conn:
            lines = journal_lines(conn, name, entity_id=entity_id, since=start_date, until=until)
            async for line in lines:
                file.write(f"{line}\n".encode())
    except BaseException:
        file.close()
        raise
    return StreamingResponse(
        _chunks(file),
        media_type=name.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="journal-{entity_id}.{name.suffix}"',
            "Cache-Control": "private, no-store",
        },
        background=BackgroundTask(file.close),
    )


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk
