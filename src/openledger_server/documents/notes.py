"""What stands under and above the figures: how they were made, and how far they can be trusted."""

from dataclasses import dataclass

from openledger_server.documents.figures import amount_text
from openledger_server.reports.types import Quality


@dataclass(frozen=True, slots=True, kw_only=True)
class Remarks:
    """What a document says about itself besides the quality of the books."""

    basis: str
    """One sentence on the basis of accounting."""
    extra: tuple[str, ...] = ()


def remarks_of(quality: Quality, *, currency: str, remarks: Remarks) -> tuple[str | None, tuple[str, ...]]:
    """Return the warning above the figures (None if there is none) and the notes below them."""
    notes = [remarks.basis, *remarks.extra]
    if quality.pending_count:
        notes.append(f"{_counted(quality.pending_count)} not settled at the bank yet and not in these figures.")
    if quality.other_currencies:
        notes.append(
            f"This report is in {currency} only. There are also postings in {', '.join(quality.other_currencies)}."
        )
    if not quality.unreviewed_count:
        return None, tuple(notes)
    amount = amount_text(quality.unreviewed_minor, currency, with_symbol=True)
    warning = (
        f"{_counted(quality.unreviewed_count)} in these figures but not reviewed yet ({amount} in all). "
        "Their categories may still change."
    )
    return warning, tuple(notes)


def _counted(count: int) -> str:
    return "1 bank transaction is" if count == 1 else f"{count:,} bank transactions are"
