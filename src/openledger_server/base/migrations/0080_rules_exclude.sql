-- Rules may leave rows out of the books. Whose word an exclusion is has to be known: a person's outlasts every rule.
-- Numbered after 0051, whose tables it changes.

ALTER TABLE transaction_exclusion
  -- a rule's follows the judgement: it comes and goes with it
  ADD COLUMN decided_by text NOT NULL DEFAULT 'person' CHECK (decided_by IN ('person', 'rule'));

-- What a person took back into the books after it was left out; no rule leaves it out again.
CREATE TABLE transaction_inclusion (
  entity_id bigint NOT NULL,
  bank_transaction_id bigint NOT NULL,
  included_at timestamptz NOT NULL,
  PRIMARY KEY (entity_id, bank_transaction_id),
  CONSTRAINT transaction_inclusion_bank_transaction_exists FOREIGN KEY (entity_id, bank_transaction_id)
    REFERENCES bank_transaction (entity_id, id) ON DELETE CASCADE
);

-- Part of a judgement, so that a run keeps it and gives it back; it counts while `decided_by` is 'rule'.
ALTER TABLE categorization ADD COLUMN is_excluded boolean NOT NULL DEFAULT false;
ALTER TABLE categorization_change ADD COLUMN is_excluded boolean NOT NULL DEFAULT false;
CREATE INDEX categorization_excluded ON categorization (entity_id, bank_transaction_id) WHERE is_excluded;

ALTER TABLE categorization_rule ADD COLUMN is_exclusion boolean NOT NULL DEFAULT false;
ALTER TABLE categorization_rule DROP CONSTRAINT categorization_rule_does_something;
ALTER TABLE categorization_rule DROP CONSTRAINT categorization_rule_books_to_one_place;
ALTER TABLE categorization_rule
  ADD CONSTRAINT categorization_rule_does_something CHECK (
    ledger_account_id IS NOT NULL OR counterparty IS NOT NULL OR is_transfer OR is_exclusion),
  ADD CONSTRAINT categorization_rule_decides_one_thing CHECK (
    (ledger_account_id IS NOT NULL)::int + is_transfer::int + is_exclusion::int <= 1);

ALTER TABLE transaction_inclusion ENABLE ROW LEVEL SECURITY;
CREATE POLICY transaction_inclusion_is_own ON transaction_inclusion USING (entity_id = (SELECT current_entity_id()));
GRANT SELECT, INSERT, UPDATE, DELETE ON transaction_inclusion TO openledger_app;
