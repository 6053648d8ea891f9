"""A transfer between two currencies, and the entry that settles it."""

from dataclasses import dataclass

from openledger_server.banking.types import BankTransactionId
from openledger_server.ledger.types import JournalEntryId


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Two legs as they are booked now (`out_entry_id`, `in_entry_id`; None = no transfer now), and as was settled."""

    out_id: BankTransactionId
    in_id: BankTransactionId
    out_entry_id: JournalEntryId | None
    in_entry_id: JournalEntryId | None
    revision: int
    """How many settling entries were made for it before."""
    settled_entry_id: JournalEntryId | None
    """The live settling entry."""
    settled_for: tuple[JournalEntryId, JournalEntryId] | None
    """For which entries of the two legs that was made."""

    @property
    def is_right(self) -> bool:
        """Return whether what is settled is what should be."""
        if self.out_entry_id is None or self.in_entry_id is None:
            return self.settled_entry_id is None
        return self.settled_entry_id is not None and self.settled_for == (self.out_entry_id, self.in_entry_id)
