-- Asking a language model about rows that nobody is sure of: what an entity allows, what it cost, what was said.

-- No row: nothing is asked. Money is in millionths of a US dollar.
CREATE TABLE advice_setting (
  entity_id bigint NOT NULL PRIMARY KEY,
  monthly_cap_microusd bigint NOT NULL CHECK (monthly_cap_microusd >= 0),
  updated_at timestamptz NOT NULL,
  CONSTRAINT advice_setting_entity_exists FOREIGN KEY (entity_id) REFERENCES entity (id) ON DELETE CASCADE
);

-- What is about to be asked is counted at its highest price before, and at its real price after; a crash leaves the higher.
CREATE TABLE advice_spending (
  entity_id bigint NOT NULL,
  month date NOT NULL CHECK (extract(day FROM month) = 1),
  spent_microusd bigint NOT NULL CHECK (spent_microusd >= 0),
  requests integer NOT NULL CHECK (requests >= 0),
  input_tokens bigint NOT NULL CHECK (input_tokens >= 0),
  output_tokens bigint NOT NULL CHECK (output_tokens >= 0),
  PRIMARY KEY (entity_id, month),
  CONSTRAINT advice_spending_entity_exists FOREIGN KEY (entity_id) REFERENCES entity (id) ON DELETE CASCADE
);

-- One answer per row, kept with all that led to it; a row is not asked about twice.
CREATE TABLE advice (
  entity_id bigint NOT NULL,
  bank_transaction_id bigint NOT NULL,
  model text NOT NULL,
  prompt_version text NOT NULL,
  -- the whole of what was sent about this row
  asked jsonb NOT NULL,
  -- the category's code; null if the model could not tell or answered something unusable
  answer text,
  outcome text NOT NULL CHECK (outcome IN ('suggested', 'abstained', 'unusable')),
  asked_at timestamptz NOT NULL,
  PRIMARY KEY (entity_id, bank_transaction_id),
  CONSTRAINT advice_bank_transaction_exists FOREIGN KEY (entity_id, bank_transaction_id)
    REFERENCES bank_transaction (entity_id, id) ON DELETE CASCADE
);

ALTER TABLE advice_setting ENABLE ROW LEVEL SECURITY;
ALTER TABLE advice_spending ENABLE ROW LEVEL SECURITY;
ALTER TABLE advice ENABLE ROW LEVEL SECURITY;
CREATE POLICY advice_setting_is_own ON advice_setting USING (entity_id = (SELECT current_entity_id()));
CREATE POLICY advice_spending_is_own ON advice_spending USING (entity_id = (SELECT current_entity_id()));
CREATE POLICY advice_is_own ON advice USING (entity_id = (SELECT current_entity_id()));

GRANT SELECT, INSERT, UPDATE ON advice_setting, advice_spending, advice TO openledger_app;
