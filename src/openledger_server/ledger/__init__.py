"""The books: chart of accounts, append-only journal entries and postings, totals per month."""
