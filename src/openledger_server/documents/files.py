"""A document as the bytes of a file."""

import asyncio

from openledger_server.documents.delimited import csv_text
from openledger_server.documents.pdf import typesetter_input
from openledger_server.documents.requests import FileFormat, ReportName, UnknownReportError
from openledger_server.documents.types import Document
from openledger_server.documents.typesetter import Typesetter
from openledger_server.documents.workbook import workbook


class PackAsCsvError(UnknownReportError):
    """Several statements do not fit in one CSV file; ask for one of them, or for PDF or XLSX."""

    def __init__(self) -> None:
        super().__init__("Financial statements come as pdf or xlsx. For csv ask for one report.")


def check_format(report: ReportName, file_format: FileFormat) -> None:
    """Refuse a format that a report does not come in.

    Raises:
        PackAsCsvError: if several statements are asked for as CSV.
    """
    if file_format is FileFormat.CSV and report is ReportName.PACK:
        raise PackAsCsvError


async def file_content(document: Document, file_format: FileFormat, typesetter: Typesetter) -> bytes:
    """Return the file; the work is done in another thread or process.

    Raises:
        TooManyRowsError, WorkbookTooLargeError: if the document is too long for the format.
        TypesetterBusyError, PdfTimeoutError, TypesettingError: if a PDF cannot be made.
    """
    if file_format is FileFormat.PDF:
        return await typesetter.pdf(await asyncio.to_thread(typesetter_input, document))
    if file_format is FileFormat.XLSX:
        return await asyncio.to_thread(workbook, document)
    [statement] = document.statements
    return (await asyncio.to_thread(csv_text, statement, currency=document.currency)).encode()
