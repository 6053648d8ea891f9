"""Machines choose no account that was archived since they learned of it."""

from collections.abc import Iterable

from openledger_server.categorization.types import Candidate, Chart, Judgement


def only_open(pairs: Iterable[tuple[Candidate, Judgement]], chart: Chart) -> list[Judgement]:
    """Return these judgements; where one names an archived account, the row is uncategorized and a person is asked."""
    return [_open(candidate, judgement, chart) for candidate, judgement in pairs]


def _open(candidate: Candidate, judgement: Judgement, chart: Chart) -> Judgement:
    if judgement.suggested_ledger_account_id in chart.archived:
        judgement = judgement._replace(suggested_ledger_account_id=None)
    is_open = judgement.ledger_account_id not in chart.archived
    if is_open and all(part.ledger_account_id not in chart.archived for part in judgement.split):
        return judgement
    return judgement._replace(
        ledger_account_id=chart.uncategorized(is_inflow=candidate.is_inflow),
        reason=f"{judgement.reason} But that account is archived.",
        confidence=0.0,
        needs_review=True,
        split=(),
    )
