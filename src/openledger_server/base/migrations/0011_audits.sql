-- What comparing our rows and balances with the bank's own list found, once a day for each item.

CREATE TABLE bank_audit (
  entity_id bigint NOT NULL,
  id bigint NOT NULL,
  item_id bigint NOT NULL,
  started_at timestamptz NOT NULL,
  finished_at timestamptz NOT NULL,
  -- both days belong to it
  first_day date NOT NULL,
  last_day date NOT NULL,
  rows_here integer NOT NULL,
  rows_there integer NOT NULL,
  missing_here integer NOT NULL,
  missing_there integer NOT NULL,
  differing integer NOT NULL,
  -- bank accounts whose ledger balance is not what the bank reports
  balances_differing integer NOT NULL,
  -- the single differences, up to a limit
  differences jsonb NOT NULL,
  -- what the bank reports and what the books hold, for each bank account
  balances jsonb NOT NULL,
  -- the whole history is read again because of it
  reads_again boolean NOT NULL,
  PRIMARY KEY (entity_id, id),
  CONSTRAINT bank_audit_item_exists FOREIGN KEY (entity_id, item_id) REFERENCES item (entity_id, id) ON DELETE CASCADE
);
CREATE INDEX bank_audit_by_item ON bank_audit (entity_id, item_id, id);
ALTER TABLE bank_audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY bank_audit_is_own ON bank_audit USING (entity_id = (SELECT current_entity_id()));
GRANT SELECT, INSERT ON bank_audit TO openledger_app;

ALTER TABLE item ADD COLUMN last_audited_at timestamptz;

-- What the clock may see across tenants: items whose last audit is long ago.
CREATE FUNCTION items_to_audit(audited_before timestamptz) RETURNS TABLE (entity_id bigint, item_id bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT i.entity_id, i.id FROM item AS i
   WHERE i.state IN ('healthy', 'expiring') AND i.history_complete_at IS NOT NULL
     AND coalesce(i.last_audited_at, i.history_complete_at) < audited_before
$$;
REVOKE EXECUTE ON FUNCTION items_to_audit(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION items_to_audit(timestamptz) TO openledger_app;
