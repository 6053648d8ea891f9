"""The entry that takes another one back."""

from dataclasses import replace
from datetime import date

from openledger_server.ledger.types import EntryKind, JournalEntry, JournalEntryId


def reversal_entry(entry: JournalEntry, *, journal_entry_id: JournalEntryId, dated: date, reason: str) -> JournalEntry:
    """Return the entry, dated `dated`, whose postings undo those of `entry`; it takes back what they were worth."""
    return replace(
        entry,
        id=journal_entry_id,
        dated=dated,
        source_ref=f"reversal:{entry.id}",
        description=f"Reversal: {entry.description}",
        postings=tuple(
            replace(line, amount_minor=-line.amount_minor, base_minor=None, rate=None) for line in entry.postings
        ),
        reverses_id=entry.id,
        kind=EntryKind.REVERSAL,
        reason=reason,
        note="",
    )
