-- Sums of parts of months need the worth in the base currency too, so that they are read from the index alone.
DROP INDEX posting_by_ledger_account;
CREATE INDEX posting_by_ledger_account
  ON posting (entity_id, ledger_account_id, dated, journal_entry_id, line) INCLUDE (amount_minor, currency, base_minor);
