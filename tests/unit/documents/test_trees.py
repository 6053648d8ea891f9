"""Accounts below others: indented under them in a document, with a subtotal."""

from datetime import UTC, date, datetime

from openledger_server.documents.trees import SideBySide, section_rows, side_by_side
from openledger_server.documents.types import RowKind
from openledger_server.ledger.types import LedgerAccount, LedgerAccountId, LedgerAccountType
from openledger_server.reports import tree
from openledger_server.reports.types import ParentAccount, ReportLine, View

NOW = datetime(2026, 6, 1, tzinfo=UTC)
USD = View(currency="USD")


def account(code: int, name: str, parent: int | None = None, subtype: str = "Expense") -> LedgerAccount:
    return LedgerAccount(
        id=LedgerAccountId(code),
        code=code,
        name=name,
        type=LedgerAccountType.EXPENSE,
        subtype=subtype,
        parent_id=None if parent is None else LedgerAccountId(parent),
        system_role=None,
        currency=None,
        created_at=NOW,
        updated_at=NOW,
    )


CHART = [
    account(5000, "Materials", subtype="Cost of Goods Sold"),
    account(6000, "Vehicles"),
    account(6010, "Fuel", 6000),
    account(6020, "Repairs", 6000),
    account(6021, "Tires", 6020),
    account(6030, "Paint", 5000),
    account(6100, "Rent"),
]


def section(net: dict[int, int]) -> tuple[ReportLine, ...]:
    nets = {LedgerAccountId(code): amount for code, amount in net.items()}
    return tree.section(
        CHART,
        nets,
        type_=LedgerAccountType.EXPENSE,
        since=None,
        until=date(2026, 6, 1),
        view=USD,
        shown=tree.shown_accounts([nets], view=USD),
    )


def test_a_line_names_the_accounts_above_it_in_its_group() -> None:
    lines = {line.code: line.parents for group in section({6021: 5, 6030: 7, 6100: 9}) for line in group.children}
    vehicles, repairs = ParentAccount("6000", "Vehicles", 6000), ParentAccount("6020", "Repairs", 6020)
    assert lines == {6021: (vehicles, repairs), 6030: (), 6100: ()}


def test_a_document_indents_accounts_and_sums_them_up_in_every_period() -> None:
    """
                      June   May
    Vehicles
      Vehicles        1.00     -
      Fuel            2.00  4.00
      Repairs
        Tires         8.00     -
      Total Repairs   8.00     -
    Total Vehicles   11.00  4.00
    Rent             16.00 16.00
    """
    lines = side_by_side([section({6000: 100, 6010: 200, 6021: 800, 6100: 1600}), section({6010: 400, 6100: 1600})])
    table = SideBySide(labels=("June", "May"), has_change=False)
    rows = section_rows(table, "Expenses", lines, total_label="Total expenses")
    assert [(row.kind, row.depth, row.label, row.cells) for row in rows] == [
        (RowKind.SECTION, 0, "Expenses", (None, None)),
        (RowKind.GROUP, 1, "Vehicles", (None, None)),
        (RowKind.LINE, 2, "Vehicles", (100, 0)),
        (RowKind.LINE, 2, "Fuel", (200, 400)),
        (RowKind.GROUP, 2, "Repairs", (None, None)),
        (RowKind.LINE, 3, "Tires", (800, 0)),
        (RowKind.SUBTOTAL, 2, "Total Repairs", (800, 0)),
        (RowKind.SUBTOTAL, 1, "Total Vehicles", (1100, 400)),
        (RowKind.LINE, 1, "Rent", (1600, 1600)),
        (RowKind.TOTAL, 0, "Total expenses", (2700, 2000)),
    ]
