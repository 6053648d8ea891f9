-- Judgements: which ledger account a bank transaction belongs to, who or what said so, and how sure.

CREATE TABLE categorization (
  entity_id bigint NOT NULL,
  bank_transaction_id bigint NOT NULL,
  -- where it is booked
  ledger_account_id bigint NOT NULL,
  -- what was guessed but is not sure enough to be booked
  suggested_ledger_account_id bigint,
  counterparty text,
  -- cleaned name by which the next transaction of the same merchant is recognised
  merchant_key text,
  decided_by text NOT NULL CHECK (decided_by IN ('person', 'memory', 'transfer', 'provider', 'fallback')),
  reason text NOT NULL,
  confidence numeric(4, 3) NOT NULL CHECK (confidence BETWEEN 0 AND 1),
  needs_review boolean NOT NULL,
  -- the other leg of a transfer between two own bank accounts
  transfer_partner_id bigint,
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (entity_id, bank_transaction_id),
  CONSTRAINT categorization_bank_transaction_exists FOREIGN KEY (entity_id, bank_transaction_id)
    REFERENCES bank_transaction (entity_id, id) ON DELETE CASCADE,
  CONSTRAINT categorization_ledger_account_exists FOREIGN KEY (entity_id, ledger_account_id)
    REFERENCES ledger_account (entity_id, id),
  CONSTRAINT categorization_suggestion_exists FOREIGN KEY (entity_id, suggested_ledger_account_id)
    REFERENCES ledger_account (entity_id, id)
);
-- the review queue and its count
CREATE INDEX categorization_to_review ON categorization (entity_id, bank_transaction_id) WHERE needs_review;
-- transfers that still wait for their other leg
CREATE INDEX categorization_open_transfer ON categorization (entity_id, bank_transaction_id)
  WHERE decided_by = 'transfer' AND transfer_partner_id IS NULL;

-- What this entity's people decided for a merchant.
CREATE TABLE merchant_memory (
  entity_id bigint NOT NULL REFERENCES entity (id) ON DELETE CASCADE,
  merchant_key text NOT NULL,
  ledger_account_id bigint NOT NULL,
  -- how many times in a row a person chose this account
  decisions integer NOT NULL CHECK (decisions > 0),
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (entity_id, merchant_key),
  CONSTRAINT merchant_memory_ledger_account_exists FOREIGN KEY (entity_id, ledger_account_id)
    REFERENCES ledger_account (entity_id, id)
);

ALTER TABLE categorization ENABLE ROW LEVEL SECURITY;
ALTER TABLE merchant_memory ENABLE ROW LEVEL SECURITY;
CREATE POLICY categorization_is_own ON categorization USING (entity_id = (SELECT current_entity_id()));
CREATE POLICY merchant_memory_is_own ON merchant_memory USING (entity_id = (SELECT current_entity_id()));

GRANT SELECT, INSERT, UPDATE ON categorization, merchant_memory TO openledger_app;
