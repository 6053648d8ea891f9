"""Appending to the journal, and reading entries as they stand."""
