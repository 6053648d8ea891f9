"""Rows to judge and the chart to judge them by, for `categorize_rows.py`; imports nothing that the server does not."""

from openledger_server.banking.types import BankTransactionId
from openledger_server.categorization.judge import judge_all
from openledger_server.categorization.types import Candidate, Chart
from openledger_server.ledger.chart import small_business_template
from openledger_server.ledger.types import LedgerAccountId

_BATCH = 5000


def chart() -> Chart:
    """Return the template's chart."""
    return Chart(
        by_code={account.code: LedgerAccountId(account.code) for account in small_business_template()},
        transfers_clearing=LedgerAccountId(1090),
        uncategorized_income=LedgerAccountId(4999),
        uncategorized_expense=LedgerAccountId(6999),
    )


def candidate(place: int, description: str) -> Candidate:
    """Return a purchase without a provider's category, so that the model is asked."""
    return Candidate(
        id=BankTransactionId(place),
        is_inflow=False,
        description=description,
        merchant_name=None,
        merchant_entity_id=None,
        provider_category=None,
        provider_confidence=None,
        check_number=None,
        bank_account_type="credit",
    )


def bulk(given: list[Candidate]) -> None:
    """Judge the rows as an import does, batch by batch."""
    known = chart()
    for start in range(0, len(given), _BATCH):
        judge_all(given[start : start + _BATCH], chart=known, memory={})
