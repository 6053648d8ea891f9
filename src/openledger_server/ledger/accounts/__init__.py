"""The chart of accounts in people's hands: rename, renumber, arrange, archive, merge, exchange as CSV."""
