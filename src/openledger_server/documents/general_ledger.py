"""The general ledger, whole or of one ledger account, as a document."""

from openledger_server.base.errors import TooLargeError
from openledger_server.documents.columns import Asked
from openledger_server.documents.types import Column, ColumnKind, Row, RowKind, Statement
from openledger_server.reports.listings.general_ledger import general_ledger
from openledger_server.reports.listings.types import LedgerAccountPage, LedgerRow

POSTINGS_MAX = 100_000
_COLUMNS = (
    Column(label="Description", kind=ColumnKind.TEXT, share=5),
    Column(label="Other account", kind=ColumnKind.TEXT, share=3),
    Column(label="Debit", kind=ColumnKind.AMOUNT),
    Column(label="Credit", kind=ColumnKind.AMOUNT),
    Column(label="Balance", kind=ColumnKind.AMOUNT),
)
_OTHERS_MAX = 3


class TooManyPostingsError(TooLargeError):
    """The general ledger of this period has more postings than a file may have; ask for a shorter period."""

    code = "REPORT_TOO_LARGE"

    def __init__(self) -> None:
        super().__init__(f"There are more than {POSTINGS_MAX} postings in this period. Ask for a shorter one.")


async def general_ledger_statement(asked: Asked) -> Statement:
    """Return every posting of the period with running balances, by ledger account; or those of one account.

    Raises:
        TooManyPostingsError: if there are more than 100,000.
        UnknownLedgerAccountError: if the account asked for does not exist.
    """
    page = await general_ledger(
        asked.conn,
        entity_id=asked.entity_id,
        period=asked.request.period,
        view=asked.view,
        limit=POSTINGS_MAX,
        ledger_account_id=asked.request.ledger_account_id,
    )
    if page.next_cursor is not None:
        raise TooManyPostingsError
    is_one = asked.request.ledger_account_id is not None
    name = f"{page.accounts[0].code} {page.accounts[0].name}" if is_one and page.accounts else None
    warning, notes = await asked.remarks("Balances: debits are positive, credits stand in parentheses.")
    return Statement(
        name="Account transactions" if is_one else "General ledger",
        title="Account Transactions" if is_one else "General Ledger",
        period=asked.period_words if name is None else f"{name} · {asked.period_words}",
        label="Date",
        columns=_COLUMNS,
        rows=tuple(row for account in page.accounts for row in _account_rows(account)),
        notes=notes,
        warning=warning,
        is_landscape=True,
    )


def _account_rows(account: LedgerAccountPage) -> tuple[Row, ...]:
    return (
        Row(kind=RowKind.SECTION, label=f"{account.code} {account.name}", cells=(None,) * len(_COLUMNS)),
        Row(kind=RowKind.LINE, label="", cells=("Opening balance", None, None, None, account.opening_minor)),
        *(_posting_row(row) for row in account.rows),
        Row(
            kind=RowKind.TOTAL,
            label="",
            cells=("Closing balance", None, account.debits_minor, account.credits_minor, account.closing_minor),
        ),
    )


def _posting_row(row: LedgerRow) -> Row:
    posting = row.posting
    others = ", ".join(posting.other_accounts[:_OTHERS_MAX])
    return Row(
        kind=RowKind.LINE,
        label=posting.dated,
        cells=(
            posting.description,
            f"{others}, …" if len(posting.other_accounts) > _OTHERS_MAX else others,
            posting.amount_minor if posting.amount_minor > 0 else None,
            -posting.amount_minor if posting.amount_minor < 0 else None,
            row.running_minor,
        ),
    )
