"""The same document as PDF, workbook and text: read back by other programs, figure by figure."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import openpyxl
import pypdf
import pytest
import typst

from openledger_server.documents.delimited import csv_text
from openledger_server.documents.pdf import ROWS_MAX, TooManyRowsError, typesetter_input
from openledger_server.documents.types import Column, ColumnKind, Document, Row, RowKind, Statement
from openledger_server.documents.typeset_worker import TEMPLATE, set_pdf
from openledger_server.documents.workbook import workbook
from tests.support.statements import HOSTILE, document, line, small_listing, small_statement


@pytest.fixture(scope="module")
def compiler() -> typst.Compiler:
    return typst.Compiler(input=str(TEMPLATE), root=str(TEMPLATE.parent))


def pages(compiler: typst.Compiler, made: Document) -> list[str]:
    reader = pypdf.PdfReader(io.BytesIO(set_pdf(compiler, typesetter_input(made).decode())))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def test_a_pdf_shows_figures_and_hostile_names_as_they_are(compiler: typst.Compiler) -> None:
    [text] = pages(compiler, document(small_statement()))
    for words in ("1.00", "(10.50)", "$1,234,567.89", "(0.5%)", "Page 1 of 1", "May 1, 2026, 09:30 UTC", "Net income"):
        assert words in text
    assert text.count('#panic("x") #read("/etc/passwd") $x$ <b> \\ *_`[]{}"') == 4


def test_a_long_table_repeats_its_headings_and_counts_its_pages(compiler: typst.Compiler) -> None:
    made = document(small_statement(rows=150), entity="Lantern LLC")
    texts = pages(compiler, made)
    assert len(texts) > 2
    for number, text in enumerate(texts, start=1):
        assert f"Page {number} of {len(texts)}" in text
        assert "2025" in text
        assert "Lantern LLC" in text
    assert "continued" in texts[1]
    assert "continued" not in texts[0]


def test_a_pack_has_a_cover_that_says_where_everything_is(compiler: typst.Compiler) -> None:
    made = document(small_statement(), small_listing(), entity="Lantern LLC", is_pack=True, currency="EUR")
    cover, statement, listing = pages(compiler, made)
    assert "Income Statement" in cover
    assert cover.index("General Ledger") > 0
    assert "Page 2 of 3" in statement
    assert "May 1, 2026" in listing


def test_a_pdf_names_itself(compiler: typst.Compiler) -> None:
    content = set_pdf(compiler, typesetter_input(document(small_statement(), entity="Lantern LLC")).decode())
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert reader.metadata is not None
    assert reader.metadata.title == "Lantern LLC – Income Statement"
    assert "/StructTreeRoot" in reader.root_object  # screen readers need it


@pytest.mark.parametrize(("currency", "width"), [("USD", 612), ("EUR", 595)])
def test_paper_follows_the_currency(compiler: typst.Compiler, currency: str, width: int) -> None:
    content = set_pdf(compiler, typesetter_input(document(small_statement(), currency=currency)).decode())
    assert int(pypdf.PdfReader(io.BytesIO(content)).pages[0].mediabox.width) == width


def test_an_endless_pdf_is_refused() -> None:
    [row, *_] = small_statement().rows
    endless = replace(small_statement(), rows=(row,) * (ROWS_MAX + 1))
    with pytest.raises(TooManyRowsError):
        typesetter_input(document(endless))


def test_csv_has_plain_figures_and_no_formulas() -> None:
    rows = list(csv.reader(io.StringIO(csv_text(small_statement(), currency="USD"))))
    assert rows[0] == ["Row", "Level", "Code", "Account", "2025", "%"]
    assert rows[2] == ["line", "1", "", "Line 1", "1.00", "1.0"]
    assert rows[4] == ["line", "1", "", f"'{HOSTILE}", "-10.50", ""]
    assert rows[5][4:] == ["1234567.89", "-0.5"]
    listing = list(csv.reader(io.StringIO(csv_text(small_listing(), currency="KWD"))))
    assert [row[3:] for row in listing[1:]] == [["2026-05-01", f"'{HOSTILE}", "0.005"], ["2026-05-02", "'+1", ""]]


def test_a_workbook_has_numbers_dates_and_text_and_no_formulas() -> None:
    made = document(small_statement(), small_listing(), is_pack=True)
    book = openpyxl.load_workbook(io.BytesIO(workbook(made)))
    assert book.sheetnames == ["Income statement", "General ledger"]
    sheet, listing = book.worksheets
    assert [cell.data_type for row in sheet for cell in row if cell.value is not None].count("f") == 0
    assert sheet["A1"].value == HOSTILE
    assert [(sheet.cell(row, 2).value, sheet.cell(row, 3).value) for row in range(7, 11)] == [
        (1, 0.01),
        (2, 0.02),
        (-10.5, None),
        (1234567.89, -0.005),
    ]
    assert sheet.freeze_panes == "B6"
    assert sheet["B9"].number_format == '#,##0.00_);(#,##0.00);"–"_)'
    assert sheet["A7"].alignment.indent == 1
    assert sheet.row_dimensions[7].outlineLevel == 1
    assert listing["A6"].value.date() == date(2026, 5, 1)
    assert (listing["B7"].value, listing["C6"].value) == ("+1", 0.05)


def test_a_figure_that_excel_would_round_is_written_as_text() -> None:
    large = replace(small_statement(), rows=(line("Large", 12345678901234567, None),))
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(document(large)))).worksheets[0]
    assert sheet["B6"].value == "123,456,789,012,345.67"


def test_sheets_of_the_same_name_and_names_excel_refuses_get_names_of_their_own() -> None:
    name = "Postings of a/b:[c] and much more than fits"
    made = document(small_statement(name=name), small_statement(name=name), small_statement(name="''"))
    names = openpyxl.load_workbook(io.BytesIO(workbook(made))).sheetnames
    assert len({each.lower() for each in names}) == 3
    assert all(len(each) <= 31 for each in names)
    assert names[2] == "Report"


def compared(headings: Sequence[str], *, is_landscape: bool) -> Statement:
    """Return one line, of a name of some length, with a million in every period."""
    columns = tuple(Column(label=heading, kind=ColumnKind.AMOUNT) for heading in headings)
    rows = (Row(kind=RowKind.LINE, label="Software and Subscription Services", cells=(123456789,) * len(columns)),)
    return replace(small_statement(), columns=columns, rows=rows, is_landscape=is_landscape)


def test_names_keep_their_room_beside_long_periods(compiler: typst.Compiler) -> None:
    made = document(compared(["Nov 5, 2025 – Jan 25, 2026"] * 5, is_landscape=False))
    [page] = pypdf.PdfReader(io.BytesIO(set_pdf(compiler, typesetter_input(made).decode()))).pages
    text = page.extract_text()
    assert "Software and Subscription Services" in text
    assert " ".join(text.split()).count("Jan 25, 2026") == 5


def test_a_page_is_as_wide_as_three_years_of_months_need(compiler: typst.Compiler) -> None:
    made = document(compared([f"Mar {year}" for year in range(1990, 2026)], is_landscape=True))
    [page] = pypdf.PdfReader(io.BytesIO(set_pdf(compiler, typesetter_input(made).decode()))).pages
    assert page.mediabox.width > 36 * 45
    assert page.mediabox.height < 800
    assert "Software and Subscription Services" in page.extract_text()
