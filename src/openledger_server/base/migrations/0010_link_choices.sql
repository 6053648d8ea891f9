-- What a user chooses when a bank is linked, and may choose again later.

ALTER TABLE bank_account
  -- the books begin on this day; rows before it are kept as facts but are not booked. Null: with the first row
  ADD COLUMN history_start_on date,
  -- what the account held when that day began, as the user says, major units and the bank's sign; null: it is computed
  ADD COLUMN opening_given numeric,
  ADD CONSTRAINT bank_account_given_opening_has_a_day CHECK (opening_given IS NULL OR history_start_on IS NOT NULL);

-- The row is older than the books of its account. Like a row that the bank took back it is kept and counts nowhere, so
-- removed_at is set, but it comes to life when the books are made to begin earlier.
ALTER TABLE bank_transaction
  ADD COLUMN is_before_start boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT bank_transaction_before_start_does_not_count CHECK (NOT is_before_start OR removed_at IS NOT NULL);
CREATE INDEX bank_transaction_before_start ON bank_transaction (entity_id, bank_account_id) WHERE is_before_start;

-- rows that were read and not put into the books: older than them, or of an account that is unlinked
ALTER TABLE sync_run ADD COLUMN skipped integer NOT NULL DEFAULT 0;
