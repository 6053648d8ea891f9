"""The trial balance as a document."""

from openledger_server.documents.columns import Asked
from openledger_server.documents.types import Column, ColumnKind, Row, RowKind, Statement
from openledger_server.reports.trial_balance import trial_balance
from openledger_server.reports.types import TrialBalance

_COLUMNS = tuple(
    Column(label=label, kind=ColumnKind.AMOUNT)
    for label in ("Opening", "Debits", "Credits", "Closing Dr", "Closing Cr")
)


async def trial_balance_statement(asked: Asked) -> Statement:
    """Return every ledger account's balance before and after the period, with debits and credits between."""
    balance = await trial_balance(asked.conn, entity_id=asked.entity_id, period=asked.request.period, view=asked.view)
    warning, notes = await asked.remarks("Opening balances: debits are positive, credits stand in parentheses.")
    return Statement(
        name="Trial balance",
        title="Trial Balance",
        period=asked.period_words,
        label="Ledger account",
        columns=_COLUMNS,
        rows=_rows(balance),
        notes=notes,
        warning=warning,
    )


def _rows(balance: TrialBalance) -> tuple[Row, ...]:
    lines = [
        Row(
            kind=RowKind.LINE,
            label=row.name,
            code=row.code,
            cells=(
                row.opening_minor,
                row.debits_minor or None,
                row.credits_minor or None,
                max(row.closing_minor, 0) or None,
                max(-row.closing_minor, 0) or None,
            ),
        )
        for row in balance.rows
    ]
    total = Row(
        kind=RowKind.RESULT,
        label="Total",
        cells=(
            sum(row.opening_minor for row in balance.rows),
            balance.debits_minor,
            balance.credits_minor,
            balance.closing_debits_minor,
            balance.closing_credits_minor,
        ),
    )
    return (*lines, total)
