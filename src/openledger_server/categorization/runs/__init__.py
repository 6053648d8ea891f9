"""Runs: many judgements changed together, recorded so that they can be taken back together."""
