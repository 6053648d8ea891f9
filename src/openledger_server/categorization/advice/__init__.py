"""Advice of a language model about rows that nobody is sure of: numbered choices, suggestions only, off by default."""
