"""What all statements of one request share: the connection, the columns, the words under the figures."""

from dataclasses import dataclass
from datetime import datetime

from openledger_server.base.db import ReadConnection
from openledger_server.documents.figures import amount_text, period_label, period_words, short_day
from openledger_server.documents.requests import ReportRequest
from openledger_server.documents.trees import SideBySide
from openledger_server.reports.periods import Comparison, compared_periods
from openledger_server.reports.quality import quality_of
from openledger_server.reports.types import Basis, Period, View

_PORTRAIT_MAX = 5
"""More columns of figures than these lie on their side."""
_TWO_PERIODS = frozenset({Comparison.PREVIOUS_PERIOD, Comparison.PREVIOUS_YEAR})
_BASES = {
    Basis.ACCRUAL: "Accrual basis: income and expenses count on the day they are booked.",
    Basis.CASH: "Cash basis: income and expenses count when they are paid.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request being answered."""

    conn: ReadConnection
    entity_id: int
    request: ReportRequest
    now: datetime

    @property
    def view(self) -> View:
        """Return how the report looks at the books."""
        return self.request.view

    @property
    def period_words(self) -> str:
        """Return the period as it stands under the title."""
        return period_words(self.request.period)

    @property
    def is_comparison(self) -> bool:
        """Return whether two periods stand side by side, with what changed between them."""
        return self.request.comparison in _TWO_PERIODS

    @property
    def periods(self) -> tuple[Period, ...]:
        """Return the periods of the columns: the one asked for first, or last if the others are its parts."""
        beside = compared_periods(self.request.period, self.request.comparison)
        if self.is_comparison or not beside:
            return (self.request.period, *beside)
        return beside if len(beside) == 1 else (*beside, self.request.period)

    @property
    def is_wide(self) -> bool:
        """Return whether the columns need a page on its side."""
        return len(figure_columns(self).columns) > _PORTRAIT_MAX

    async def remarks(
        self, *extra: str, since_beginning: bool = False, on_currencies: tuple[str, ...] | None = None
    ) -> tuple[str | None, tuple[str, ...]]:
        """Return the warning above the figures (None if there is none) and the notes below them.

        `since_beginning`: the figures rest on everything before the end of the period, as a balance sheet's do.
        `on_currencies`: what is said about postings in other currencies, if not that they count as when posted.
        """
        currency, period = self.view.currency, self.request.period
        quality = await quality_of(
            self.conn,
            entity_id=self.entity_id,
            since=None if since_beginning else period.since,
            until=period.until,
            view=self.view,
            now=self.now,
        )
        notes = [_BASES[self.view.basis], *extra]
        if quality.pending_count:
            notes.append(f"{_counted(quality.pending_count)} not settled at the bank yet and not in these figures.")
        if quality.other_currencies:
            notes.append(
                f"This report is in {currency} only. There are also postings in {', '.join(quality.other_currencies)}."
            )
        if quality.translated_currencies and on_currencies is not None:
            notes += on_currencies
        elif quality.translated_currencies:
            notes.append(
                f"Postings in {', '.join(quality.translated_currencies)} are in these figures by their worth in"
                f" {currency} when they were posted; changes of exchange rates since then are not."
            )
        if not quality.unreviewed_count:
            return None, tuple(notes)
        amount = amount_text(quality.unreviewed_minor, currency, with_symbol=True)
        warning = (
            f"{_counted(quality.unreviewed_count)} in these figures but not reviewed yet ({amount} in all). "
            "Their categories may still change."
        )
        return warning, tuple(notes)


def figure_columns(asked: Asked, *, at_the_end: bool = False) -> SideBySide:
    """Return the columns of figures; `at_the_end`: they are about the last day of their period, not all of it."""
    labels = [short_day(period.last_day) if at_the_end else period_label(period) for period in asked.periods]
    if not asked.is_comparison and len(labels) > 1 and not at_the_end:
        labels[-1] = "Total"
    return SideBySide(labels=tuple(labels), has_change=asked.is_comparison)


def _counted(count: int) -> str:
    return "1 bank transaction is" if count == 1 else f"{count:,} bank transactions are"
