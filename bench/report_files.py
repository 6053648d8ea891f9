"""How many pages of PDF are set in a second, and how long a statement and a long ledger take, as PDF, XLSX and CSV."""

import asyncio
import io
import time
from datetime import UTC, date, datetime, timedelta

import pypdf

from openledger_server.documents.files import file_content
from openledger_server.documents.requests import FileFormat
from openledger_server.documents.types import Column, ColumnKind, Document, Row, RowKind, Statement
from openledger_server.documents.typesetter import Typesetter

_LINES = {"statement, 40 lines": 40, **{f"ledger, {count:,} postings": count for count in (1000, 2000, 4000, 6000)}}


def _document(lines: int) -> Document:
    first = date(2026, 1, 1)
    rows = [
        Row(
            kind=RowKind.LINE,
            label=first + timedelta(days=number % 365),
            cells=(f"ORIG CO NAME:HARBOR PINE {number} CO ENTRY DESCR:INVOICE", number * 137, None, number * 1000),
        )
        for number in range(1, lines + 1)
    ]
    columns = [Column(label="Description", kind=ColumnKind.TEXT, share=1)]
    columns += [Column(label=label, kind=ColumnKind.AMOUNT) for label in ("Debit", "Credit", "Balance")]
    statement = Statement(
        name="General ledger",
        title="General Ledger",
        period="2026",
        label="Date",
        columns=tuple(columns),
        rows=tuple(rows),
    )
    return Document(
        entity="Lantern Design Studio LLC",
        title="General Ledger",
        period="2026",
        currency="USD",
        generated_at=datetime.now(UTC),
        statements=(statement,),
    )


async def _measure() -> None:
    typesetter = Typesetter()
    await file_content(_document(1), FileFormat.PDF, typesetter)  # starts the process
    try:
        for name, lines in _LINES.items():
            document = _document(lines)
            parts = []
            for file_format in FileFormat:
                started = time.perf_counter()
                content = await file_content(document, file_format, typesetter)
                took_s = time.perf_counter() - started
                parts.append(f"{file_format.value} {took_s * 1000:,.0f} ms")
                if file_format is FileFormat.PDF:
                    pages = len(pypdf.PdfReader(io.BytesIO(content)).pages)
                    parts[-1] += f" ({pages} pages, {pages / took_s:,.0f} pages/s)"
            print(f"{name:26} {', '.join(parts)}")
    finally:
        await typesetter.close()


def main() -> None:
    """Print the measurements."""
    print("Reports as files, one after the other:")
    asyncio.run(_measure())


if __name__ == "__main__":
    main()
