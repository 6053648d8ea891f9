-- Rules may divide rows over several ledger accounts. Whose word a split is has to be known: a person's outlasts every rule.

ALTER TABLE categorization_rule ADD COLUMN is_split boolean NOT NULL DEFAULT false;
ALTER TABLE categorization_rule DROP CONSTRAINT categorization_rule_does_something;
ALTER TABLE categorization_rule DROP CONSTRAINT categorization_rule_decides_one_thing;
ALTER TABLE categorization_rule
  ADD CONSTRAINT categorization_rule_does_something CHECK (
    ledger_account_id IS NOT NULL OR counterparty IS NOT NULL OR is_transfer OR is_exclusion OR is_split),
  ADD CONSTRAINT categorization_rule_decides_one_thing CHECK (
    (ledger_account_id IS NOT NULL)::int + is_transfer::int + is_exclusion::int + is_split::int <= 1);

-- What each account gets of a row that the rule finds: a share, a fixed amount, or neither, which is the rest.
CREATE TABLE categorization_rule_part (
  entity_id bigint NOT NULL,
  rule_id bigint NOT NULL,
  position smallint NOT NULL CHECK (position BETWEEN 1 AND 20),
  ledger_account_id bigint NOT NULL,
  -- basis points of the whole row
  share_bp integer CHECK (share_bp BETWEEN 1 AND 9999),
  -- smallest unit, without a sign: it goes the way the row goes
  fixed_minor bigint CHECK (fixed_minor > 0),
  currency text CHECK (currency ~ '^[A-Z]{3}$'),
  PRIMARY KEY (entity_id, rule_id, position),
  CONSTRAINT categorization_rule_part_rule_exists FOREIGN KEY (entity_id, rule_id)
    REFERENCES categorization_rule (entity_id, id) ON DELETE CASCADE,
  CONSTRAINT categorization_rule_part_ledger_account_exists FOREIGN KEY (entity_id, ledger_account_id)
    REFERENCES ledger_account (entity_id, id) ON DELETE CASCADE,
  CONSTRAINT categorization_rule_part_is_one_thing CHECK (num_nonnulls(share_bp, fixed_minor) <= 1),
  CONSTRAINT categorization_rule_part_fixed_has_currency CHECK ((fixed_minor IS NULL) = (currency IS NULL))
);
-- two parts cannot both take the rest
CREATE UNIQUE INDEX categorization_rule_part_takes_rest ON categorization_rule_part (entity_id, rule_id)
  WHERE share_bp IS NULL AND fixed_minor IS NULL;
-- what a ledger account is still used for, before it is archived or merged
CREATE INDEX categorization_rule_part_by_ledger_account ON categorization_rule_part (entity_id, ledger_account_id);

ALTER TABLE transaction_split
  -- a rule's follows the judgement: it comes and goes with it
  ADD COLUMN decided_by text NOT NULL DEFAULT 'person' CHECK (decided_by IN ('person', 'rule'));
-- those that a judgement may end
CREATE INDEX transaction_split_of_rules ON transaction_split (entity_id, bank_transaction_id) WHERE decided_by = 'rule';

-- Part of a judgement, so that a run keeps it and gives it back; it counts while `decided_by` is 'rule'. Amounts are exact,
-- in major units with the bank row's sign.
ALTER TABLE categorization
  ADD COLUMN split_ledger_account_ids bigint[],
  ADD COLUMN split_amounts numeric[],
  ADD CONSTRAINT categorization_split_is_whole CHECK (
    (split_ledger_account_ids IS NULL) = (split_amounts IS NULL)
    AND cardinality(split_ledger_account_ids) = cardinality(split_amounts));
ALTER TABLE categorization_change
  ADD COLUMN split_ledger_account_ids bigint[],
  ADD COLUMN split_amounts numeric[];
CREATE INDEX categorization_split ON categorization (entity_id, bank_transaction_id)
  WHERE split_ledger_account_ids IS NOT NULL;

ALTER TABLE categorization_rule_part ENABLE ROW LEVEL SECURITY;
CREATE POLICY categorization_rule_part_is_own ON categorization_rule_part
  USING (entity_id = (SELECT current_entity_id()));
GRANT SELECT, INSERT, UPDATE, DELETE ON categorization_rule_part TO openledger_app;
