"""Entries that come again and again."""
