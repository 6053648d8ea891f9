"""The entry that takes another one back."""

from dataclasses import replace
from datetime import date

from openledger_server.ledger.types import JournalEntry, JournalEntryId


def reversal_entry(entry: JournalEntry, *, journal_entry_id: JournalEntryId, dated: date) -> JournalEntry:
    """Return the entry, dated `dated`, whose postings undo those of `entry`."""
    return replace(
        entry,
        id=journal_entry_id,
        dated=dated,
        source_ref=f"reversal:{entry.id}",
        description=f"Reversal: {entry.description}",
        postings=tuple(replace(line, amount_minor=-line.amount_minor) for line in entry.postings),
        reverses_id=entry.id,
    )
