"""Looking at transactions from other sides: by month, by words and amounts, by counterparty."""
