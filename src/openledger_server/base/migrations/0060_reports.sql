-- What reports read page by page.

-- the journal of a period in order
CREATE INDEX journal_entry_by_date ON journal_entry (entity_id, dated, id);
-- A ledger account's page is read in its order from this index alone, and so are the sums of parts of months.
DROP INDEX posting_by_ledger_account;
CREATE INDEX posting_by_ledger_account
  ON posting (entity_id, ledger_account_id, dated, journal_entry_id, line) INCLUDE (amount_minor, currency);
