-- An entity's own rules, and runs that judge the past anew and can be taken back.

ALTER TABLE categorization DROP CONSTRAINT categorization_decided_by_check;
ALTER TABLE categorization ADD CONSTRAINT categorization_decided_by_check
  CHECK (decided_by IN ('person', 'rule', 'memory', 'learner', 'transfer', 'provider', 'model', 'llm', 'fallback'));
ALTER TABLE categorization
  -- the rule that decided, or that named the counterparty; kept when the rule is deleted
  ADD COLUMN rule_id bigint,
  -- the run that brought about this judgement; null as soon as anything else decides
  ADD COLUMN run_id bigint;
-- how many rows each rule decides, and the rows of a run
CREATE INDEX categorization_by_rule ON categorization (entity_id, rule_id) WHERE rule_id IS NOT NULL;
CREATE INDEX categorization_by_run ON categorization (entity_id, run_id) WHERE run_id IS NOT NULL;

-- Whatever the server's code does: no machine takes the place of a person.
CREATE FUNCTION refuse_to_overrule_a_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a person decided on bank transaction %', OLD.bank_transaction_id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'categorization_keeps_a_persons_word';
END $$;
CREATE TRIGGER categorization_keeps_a_persons_word BEFORE UPDATE ON categorization
  FOR EACH ROW WHEN (OLD.decided_by = 'person' AND NEW.decided_by <> 'person')
  EXECUTE FUNCTION refuse_to_overrule_a_person();

CREATE TABLE categorization_rule (
  entity_id bigint NOT NULL REFERENCES entity (id) ON DELETE CASCADE,
  id bigint NOT NULL,
  -- rules are asked in this order; equal positions by id
  position integer NOT NULL CHECK (position >= 0),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
  -- checked before it is stored; docs/rules.md says how it reads
  condition jsonb NOT NULL,
  -- what it does: any of these
  ledger_account_id bigint,
  counterparty text CHECK (length(counterparty) BETWEEN 1 AND 255),
  is_transfer boolean NOT NULL DEFAULT false,
  is_enabled boolean NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  -- a deleted rule decides nothing any more but still explains what it decided
  deleted_at timestamptz,
  PRIMARY KEY (entity_id, id),
  CONSTRAINT categorization_rule_ledger_account_exists FOREIGN KEY (entity_id, ledger_account_id)
    REFERENCES ledger_account (entity_id, id) ON DELETE CASCADE,
  CONSTRAINT categorization_rule_does_something CHECK (
    ledger_account_id IS NOT NULL OR counterparty IS NOT NULL OR is_transfer),
  CONSTRAINT categorization_rule_books_to_one_place CHECK (NOT (is_transfer AND ledger_account_id IS NOT NULL))
);
CREATE INDEX categorization_rule_in_order ON categorization_rule (entity_id, position, id) WHERE deleted_at IS NULL;

-- One time that many judgements were changed together.
CREATE TABLE categorization_run (
  entity_id bigint NOT NULL REFERENCES entity (id) ON DELETE CASCADE,
  id bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('rule', 'recategorize')),
  rule_id bigint,
  -- what it was asked to do, for the record
  request jsonb NOT NULL,
  changed integer NOT NULL CHECK (changed >= 0),
  started_at timestamptz NOT NULL,
  undone_at timestamptz,
  -- rows that undoing gave back their earlier judgement, and rows left alone because somebody decided since
  restored integer,
  kept integer,
  PRIMARY KEY (entity_id, id)
);

-- What a row said before a run changed it.
CREATE TABLE categorization_change (
  entity_id bigint NOT NULL,
  run_id bigint NOT NULL,
  bank_transaction_id bigint NOT NULL,
  ledger_account_id bigint NOT NULL,
  suggested_ledger_account_id bigint,
  counterparty text,
  merchant_key text,
  decided_by text NOT NULL,
  reason text NOT NULL,
  confidence numeric(4, 3) NOT NULL,
  needs_review boolean NOT NULL,
  transfer_partner_id bigint,
  decided_at timestamptz NOT NULL,
  rule_id bigint,
  -- the run before, whose judgement this one replaced
  earlier_run_id bigint,
  PRIMARY KEY (entity_id, run_id, bank_transaction_id),
  CONSTRAINT categorization_change_run_exists FOREIGN KEY (entity_id, run_id)
    REFERENCES categorization_run (entity_id, id) ON DELETE CASCADE,
  CONSTRAINT categorization_change_bank_transaction_exists FOREIGN KEY (entity_id, bank_transaction_id)
    REFERENCES bank_transaction (entity_id, id) ON DELETE CASCADE
);
CREATE INDEX categorization_change_by_row ON categorization_change (entity_id, bank_transaction_id);

ALTER TABLE categorization_rule ENABLE ROW LEVEL SECURITY;
ALTER TABLE categorization_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE categorization_change ENABLE ROW LEVEL SECURITY;
CREATE POLICY categorization_rule_is_own ON categorization_rule USING (entity_id = (SELECT current_entity_id()));
CREATE POLICY categorization_run_is_own ON categorization_run USING (entity_id = (SELECT current_entity_id()));
CREATE POLICY categorization_change_is_own ON categorization_change
  USING (entity_id = (SELECT current_entity_id()));
GRANT SELECT, INSERT, UPDATE ON categorization_rule, categorization_run, categorization_change TO openledger_app;
GRANT DELETE ON categorization_change TO openledger_app;
