"""Rows that look like what became of a pending row, where the bank does not say so."""
