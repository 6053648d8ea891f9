-- An opening balance that should stand in place of the present one, but waits for the exchange rate of its day. Both null
-- when none does.
ALTER TABLE opening_balance
  ADD COLUMN wanted_minor bigint,
  -- the day before the books begin; a closed one becomes the first open day when it is booked
  ADD COLUMN wanted_on date,
  ADD CONSTRAINT opening_balance_wanted_is_whole CHECK ((wanted_minor IS NULL) = (wanted_on IS NULL));
