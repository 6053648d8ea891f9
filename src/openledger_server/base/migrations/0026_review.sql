-- What a machine had said before a person decided, so that one can count how often it was right; how an entity wants its
-- rows judged; and which ledger account each kind of row belongs to in its own chart.

ALTER TABLE categorization
  ADD COLUMN machine_decided_by text,
  -- where the machine had booked it, or what it had suggested
  ADD COLUMN machine_ledger_account_id bigint,
  -- the machine had been sure enough to book it without anybody's look
  ADD COLUMN machine_was_sure boolean;

CREATE TABLE categorization_settings (
  entity_id bigint PRIMARY KEY REFERENCES entity (id) ON DELETE CASCADE,
  -- from this confidence on a machine's choice is booked; null: the floors that were measured for each decider
  auto_post_floor numeric(4, 3) CHECK (auto_post_floor BETWEEN 0.5 AND 1),
  -- from this confidence on a choice that is not booked is shown; null: as measured
  suggest_floor numeric(4, 3) CHECK (suggest_floor BETWEEN 0 AND 1),
  updated_at timestamptz NOT NULL
);

CREATE TABLE category_mapping (
  entity_id bigint NOT NULL REFERENCES entity (id) ON DELETE CASCADE,
  -- a detailed code of the personal finance categories, or PAYROLL, PAYROLL_TAX, OWNER_DRAW
  code text NOT NULL CHECK (length(code) BETWEEN 1 AND 100),
  ledger_account_id bigint NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (entity_id, code),
  CONSTRAINT category_mapping_ledger_account_exists FOREIGN KEY (entity_id, ledger_account_id)
    REFERENCES ledger_account (entity_id, id) ON DELETE CASCADE
);

-- the review queue groups the rows of a merchant; suggestions for rules look at what people decided for one
CREATE INDEX categorization_by_merchant ON categorization (entity_id, merchant_key)
  WHERE needs_review OR decided_by = 'person';

ALTER TABLE categorization_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE category_mapping ENABLE ROW LEVEL SECURITY;
CREATE POLICY categorization_settings_is_own ON categorization_settings
  USING (entity_id = (SELECT current_entity_id()));
CREATE POLICY category_mapping_is_own ON category_mapping USING (entity_id = (SELECT current_entity_id()));
GRANT SELECT, INSERT, UPDATE ON categorization_settings, category_mapping TO openledger_app;
GRANT DELETE ON category_mapping TO openledger_app;
