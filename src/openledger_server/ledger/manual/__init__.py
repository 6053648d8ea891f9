"""Entries that people write themselves: what they are now; the books keep every version."""
