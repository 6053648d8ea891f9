-- Every journal entry says who made it, why, and in which batch it was appended; every posting says what it is worth in
-- the entity's base currency and at which rate.

ALTER TABLE journal_entry
  -- what kind of thing it records, e.g. bank_transaction, opening_balance, manual
  ADD COLUMN kind text NOT NULL DEFAULT 'other' CHECK (kind ~ '^[a-z_]{1,40}$'),
  ADD COLUMN actor_kind text NOT NULL DEFAULT 'machine' CHECK (actor_kind IN ('person', 'developer', 'machine')),
  -- whose credential was used: a developer's or an entity's id, or the name of the machine's deed
  ADD COLUMN actor_id text NOT NULL DEFAULT 'openledger' CHECK (length(actor_id) BETWEEN 1 AND 100),
  -- who it was as the host product says; empty when it does not say
  ADD COLUMN actor_name text NOT NULL DEFAULT '' CHECK (length(actor_name) <= 200),
  ADD COLUMN reason text NOT NULL DEFAULT '' CHECK (length(reason) <= 1000),
  ADD COLUMN note text NOT NULL DEFAULT '' CHECK (length(note) <= 4000),
  -- counts up with each append; what was appended before batches were counted is batch 1
  ADD COLUMN batch bigint NOT NULL DEFAULT 1 CHECK (batch > 0);
UPDATE journal_entry SET kind = CASE
  WHEN reverses_id IS NOT NULL THEN 'reversal'
  WHEN source_ref LIKE 'bank_transaction:%' THEN 'bank_transaction'
  WHEN source_ref LIKE 'opening_balance:%' THEN 'opening_balance'
  ELSE 'other' END;
-- The defaults were for rows that are there already: from now on each entry has to say it all.
ALTER TABLE journal_entry
  ALTER COLUMN kind DROP DEFAULT,
  ALTER COLUMN actor_kind DROP DEFAULT,
  ALTER COLUMN actor_id DROP DEFAULT,
  ALTER COLUMN batch DROP DEFAULT;

ALTER TABLE posting
  -- smallest unit of the entity's base currency, same sign as the amount
  ADD COLUMN base_minor bigint,
  -- base currency per unit of the posting's currency, in major units; null when it is in the base currency
  ADD COLUMN rate numeric CHECK (rate > 0);
-- Postings in another currency that are there already were never valued: 0 without a rate, which `verify` reports.
UPDATE posting AS p SET base_minor = CASE WHEN p.currency = e.base_currency THEN p.amount_minor ELSE 0 END
  FROM entity AS e WHERE e.id = p.entity_id;
ALTER TABLE posting
  ALTER COLUMN base_minor SET NOT NULL,
  ADD CONSTRAINT posting_base_has_the_same_sign CHECK (base_minor = 0 OR (base_minor > 0) = (amount_minor > 0));

ALTER TABLE ledger_account_month
  ADD COLUMN base_debits_minor bigint NOT NULL DEFAULT 0 CHECK (base_debits_minor >= 0),
  ADD COLUMN base_credits_minor bigint NOT NULL DEFAULT 0 CHECK (base_credits_minor >= 0);
UPDATE ledger_account_month AS m
   SET base_debits_minor = m.debits_minor, base_credits_minor = m.credits_minor
  FROM entity AS e WHERE e.id = m.entity_id AND e.base_currency = m.currency;

-- Rates the user loaded: base currency per unit of `currency`, in major units. They are facts of a day and may be
-- corrected; what was posted keeps the rate it was posted with.
CREATE TABLE exchange_rate (
  entity_id bigint NOT NULL REFERENCES entity (id) ON DELETE CASCADE,
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  dated date NOT NULL,
  rate numeric NOT NULL CHECK (rate > 0 AND rate < 1e12),
  loaded_at timestamptz NOT NULL,
  PRIMARY KEY (entity_id, currency, dated)
);
ALTER TABLE exchange_rate ENABLE ROW LEVEL SECURITY;
CREATE POLICY exchange_rate_is_own ON exchange_rate USING (entity_id = (SELECT current_entity_id()));
GRANT SELECT, INSERT, UPDATE, DELETE ON exchange_rate TO openledger_app;

-- What a report's year is. Books are kept by day, so changing it changes no entry.
ALTER TABLE entity
  ADD COLUMN fiscal_year_start_month smallint NOT NULL DEFAULT 1 CHECK (fiscal_year_start_month BETWEEN 1 AND 12);

-- The base currency is what every posting was valued in, so it stays once something is posted.
CREATE FUNCTION keep_base_currency() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM journal_entry WHERE entity_id = new.id) THEN
    RAISE EXCEPTION 'the base currency of entity % is in use', new.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'entity_base_currency_is_in_use';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER entity_keeps_base_currency BEFORE UPDATE OF base_currency ON entity FOR EACH ROW
  WHEN (old.base_currency IS DISTINCT FROM new.base_currency) EXECUTE FUNCTION keep_base_currency();
