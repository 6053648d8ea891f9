"""The demo's result, as tables for a person and as one document for a program."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from openledger_server.commands.demo_job import DemoState, ImportProgress

_TITLES = {
    "revenue": "Revenue",
    "expenses": "Expenses",
    "assets": "Assets",
    "liabilities": "Liabilities",
    "equity": "Equity",
}


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What the main job came to."""

    base_url: str
    state: DemoState
    bank_accounts: list[dict[str, Any]]
    progress: ImportProgress
    reports: dict[str, Any]

    @property
    def is_proved(self) -> bool:
        """Whether there are accounts, and every ledger balance equals its bank's balance."""
        return bool(self.bank_accounts) and all(check["is_equal"] for check in balance_checks(self))


def balance_checks(result: DemoResult) -> list[dict[str, Any]]:
    """Return per account the bank's balance, the ledger's, their difference, and whether it is nil."""
    checks = []
    for row in result.bank_accounts:
        bank = None if row["reportedBalance"] is None else Decimal(row["reportedBalance"])
        ledger = Decimal(row["ledgerBalance"])
        checks.append(
            {
                "account_id": row["id"],
                "account": row["accountName"],
                "bank_balance": row["reportedBalance"],
                "ledger_balance": row["ledgerBalance"],
                "difference": None if bank is None else str(bank - ledger),
                "is_equal": bank == ledger,
            }
        )
    return checks


def as_document(result: DemoResult) -> dict[str, Any]:
    """Return the result for a program. It holds the demo's API key, which opens nothing but the demo."""
    progress, reports = result.progress, result.reports
    return {
        "base_url": result.base_url,
        "developer_id": result.state.developer_id,
        "api_key": result.state.api_key,
        "entity_id": result.state.entity_id,
        "accounts": result.bank_accounts,
        "counts": {
            "synced": progress.synced,
            "categorized": progress.categorized,
            "to_review": progress.to_review,
            "pending": progress.pending,
            "total": progress.total,
        },
        "balance_check": balance_checks(result),
        "income_statement": reports["incomeStatement"],
        "balance_sheet": reports["balanceSheet"],
    }


def print_result(result: DemoResult, console: Console) -> None:
    """Print linked accounts, counts, profit and loss, balance sheet, and the proof."""
    console.print(_accounts(result))
    progress = result.progress
    console.print(
        f"  Transactions: [b]{progress.synced:,}[/] synced, [b]{progress.categorized:,}[/] categorised, "
        f"[b]{progress.to_review:,}[/] to review, [b]{progress.pending:,}[/] pending\n"
    )
    period = result.reports["reportPeriod"]
    span = f"{str(period['startDate'])[:10]} to {str(period['endDate'])[:10]}"
    income, sheet = result.reports["incomeStatement"], result.reports["balanceSheet"]
    console.print(_statement(f"Profit and loss, {span}", income["hierarchical"], ("revenue", "expenses")))
    sections = ("assets", "liabilities", "equity")
    console.print(_statement("Balance sheet", sheet["hierarchical"], sections))
    console.print(_proof(result))


def _table(title: str, *columns: tuple[str, str]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for name, justify in columns:
        table.add_column(name, justify="right" if justify == "right" else "left", no_wrap=True)
    return table


def _accounts(result: DemoResult) -> Table:
    table = _table(
        "Linked accounts", ("Bank", "left"), ("Account", "left"), ("Type", "left"), ("Transactions", "right")
    )
    for row in result.bank_accounts:
        mask = f" ••{row['accountMask']}" if row["accountMask"] else ""
        table.add_row(
            row["institutionName"], f"{row['accountName']}{mask}", row["accountSubtype"], f"{row['transactionCount']:,}"
        )
    return table


def _statement(title: str, hierarchy: dict[str, Any], sections: tuple[str, ...]) -> Table:
    table = _table(title, ("", "left"), ("", "right"))
    table.show_header = False
    for section in sections:
        table.add_row(Text(_TITLES[section], style="bold"), "")
        for depth, node in _lines(hierarchy[section], 1):
            table.add_row(f"{'  ' * depth}{node['name']}", _money(node["balanceDecimal"]))
    table.add_section()
    for name, value in hierarchy["totals"].items():
        if name.endswith("Decimal"):
            table.add_row(Text(_words(name.removesuffix("Decimal")), style="bold"), Text(_money(value), style="bold"))
    return table


def _lines(nodes: list[dict[str, Any]], depth: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the accounts that have a balance, each below its parent."""
    for node in nodes:
        if Decimal(node["balanceDecimal"]) != 0:
            yield depth, node
        yield from _lines(node["children"], depth + 1)


def _proof(result: DemoResult) -> Table:
    table = _table(
        "Proof: the books against the bank",
        *(("Account", "left"), ("Bank says", "right"), ("Ledger says", "right"), ("Difference", "right"), ("", "left")),
    )
    for check in balance_checks(result):
        mark = Text("equal", style="green") if check["is_equal"] else Text("DIFFERS", style="bold red")
        amounts = [
            "not told" if check[name] is None else _money(check[name])
            for name in ("bank_balance", "ledger_balance", "difference")
        ]
        table.add_row(check["account"], *amounts, mark)
    return table


def _money(text: str) -> str:
    return f"{Decimal(text):,}"


def _words(name: str) -> str:
    """Return `totalRevenue` as `Total revenue`."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).capitalize()
