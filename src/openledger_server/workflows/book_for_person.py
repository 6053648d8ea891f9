"""Booking what a person decided: at once, or the person is told why not and nothing of it is kept."""

from collections.abc import Sequence
from datetime import datetime

from openledger_server.banking.types import BankTransactionId
from openledger_server.base.db import WriteConnection
from openledger_server.bookkeeping.post import post_bank_transactions
from openledger_server.ledger.periods import store as periods
from openledger_server.ledger.periods.types import PeriodClosedError
from openledger_server.ledger.types import Actor


async def book_for_person(
    conn: WriteConnection, decided: Sequence[BankTransactionId], *, entity_id: int, now: datetime, by: Actor
) -> None:
    """Bring the books in line with what a person decided about these rows.

    Raises:
        PeriodClosedError: if one is booked in a closed period; a machine's change would wait.
    """
    posted = await post_bank_transactions(conn, decided, entity_id=entity_id, now=now, by=by)
    if posted.held_corrections.intersection(decided):
        closed_through = await periods.closed_through(conn, entity_id=entity_id)
        assert closed_through is not None
        raise PeriodClosedError(closed_through)
