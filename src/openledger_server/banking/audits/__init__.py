"""Comparing our rows and balances with the bank's own list."""
