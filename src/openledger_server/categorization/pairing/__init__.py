"""Transfers that a person is asked about: which rows may be the two sides of one, confirmed or rejected."""
