-- Entries that come again and again: what they say, when the next one is due. Each that was made is a manual entry.

CREATE TABLE recurring_entry (
  entity_id bigint NOT NULL REFERENCES entity (id) ON DELETE CASCADE,
  id bigint NOT NULL,
  description text NOT NULL CHECK (length(description) <= 1000),
  note text NOT NULL CHECK (length(note) <= 4000),
  metadata jsonb NOT NULL,
  frequency text NOT NULL CHECK (frequency IN ('weekly', 'monthly', 'yearly')),
  -- every so many weeks, months, years
  every smallint NOT NULL CHECK (every BETWEEN 1 AND 100),
  starts_on date NOT NULL,
  -- the last day on which one may fall; null: without end
  ends_on date CHECK (ends_on >= starts_on),
  -- which occurrence is next, counted from 0, and its day; null: all are made
  next_number integer NOT NULL CHECK (next_number >= 0),
  next_on date,
  -- make drafts, which somebody approves
  makes_drafts boolean NOT NULL,
  paused_at timestamptz,
  -- why the one that is due could not be made; empty when all is well
  problem text NOT NULL DEFAULT '' CHECK (length(problem) <= 1000),
  request_sha256 bytea NOT NULL CHECK (length(request_sha256) = 32),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz,
  PRIMARY KEY (entity_id, id)
);
-- what the clock looks for
CREATE INDEX recurring_entry_due ON recurring_entry (next_on) WHERE paused_at IS NULL AND deleted_at IS NULL;

CREATE TABLE recurring_entry_line (
  entity_id bigint NOT NULL,
  recurring_entry_id bigint NOT NULL,
  line smallint NOT NULL CHECK (line > 0),
  ledger_account_id bigint NOT NULL,
  -- smallest unit of the currency; debit > 0, credit < 0
  amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  memo text NOT NULL DEFAULT '' CHECK (length(memo) <= 1000),
  PRIMARY KEY (entity_id, recurring_entry_id, line),
  CONSTRAINT recurring_entry_line_recurring_entry_exists FOREIGN KEY (entity_id, recurring_entry_id)
    REFERENCES recurring_entry (entity_id, id) ON DELETE CASCADE,
  CONSTRAINT recurring_entry_line_ledger_account_exists FOREIGN KEY (entity_id, ledger_account_id)
    REFERENCES ledger_account (entity_id, id) ON DELETE CASCADE
);
CREATE INDEX recurring_entry_line_by_ledger_account ON recurring_entry_line (entity_id, ledger_account_id);

ALTER TABLE manual_entry
  -- the schedule that made it, and for which day
  ADD COLUMN recurring_entry_id bigint,
  ADD COLUMN occurs_on date,
  -- an occurrence is made once, whoever's clock strikes twice
  ADD CONSTRAINT manual_entry_occurrence_is_made_once UNIQUE (entity_id, recurring_entry_id, occurs_on),
  ADD CONSTRAINT manual_entry_occurrence_is_whole CHECK ((recurring_entry_id IS NULL) = (occurs_on IS NULL)),
  ADD CONSTRAINT manual_entry_recurring_entry_exists FOREIGN KEY (entity_id, recurring_entry_id)
    REFERENCES recurring_entry (entity_id, id) ON DELETE CASCADE;

ALTER TABLE recurring_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE recurring_entry_line ENABLE ROW LEVEL SECURITY;
CREATE POLICY recurring_entry_is_own ON recurring_entry USING (entity_id = (SELECT current_entity_id()));
CREATE POLICY recurring_entry_line_is_own ON recurring_entry_line USING (entity_id = (SELECT current_entity_id()));
GRANT SELECT, INSERT, UPDATE ON recurring_entry TO openledger_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON recurring_entry_line TO openledger_app;

-- The clock looks across tenants for schedules that are due; this is all it may see of them.
CREATE FUNCTION recurring_entries_due(today date) RETURNS TABLE (entity_id bigint, recurring_entry_id bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.entity_id, r.id FROM recurring_entry AS r
   WHERE r.next_on <= today AND r.paused_at IS NULL AND r.deleted_at IS NULL
   ORDER BY r.next_on, r.entity_id, r.id
$$;
REVOKE EXECUTE ON FUNCTION recurring_entries_due(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION recurring_entries_due(date) TO openledger_app;
