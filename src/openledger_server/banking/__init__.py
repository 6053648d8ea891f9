"""Bank facts: institutions, items (logins), bank accounts, bank transactions, reported balances; the feed's port."""
