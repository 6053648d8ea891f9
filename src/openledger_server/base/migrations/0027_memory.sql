-- Memory knows when people are of two minds about a merchant, and remembers amounts that come back.

ALTER TABLE merchant_memory
  -- how many times a person chose another account than the present one for this merchant
  ADD COLUMN others integer NOT NULL DEFAULT 0 CHECK (others >= 0);

-- What this entity's people decided for a merchant at exactly this amount: a subscription beside other purchases.
CREATE TABLE merchant_amount_memory (
  entity_id bigint NOT NULL REFERENCES entity (id) ON DELETE CASCADE,
  merchant_key text NOT NULL,
  -- major units, positive = money in
  amount numeric NOT NULL,
  ledger_account_id bigint NOT NULL,
  -- how many times in a row a person chose this account
  decisions integer NOT NULL CHECK (decisions > 0),
  others integer NOT NULL DEFAULT 0 CHECK (others >= 0),
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (entity_id, merchant_key, amount),
  CONSTRAINT merchant_amount_memory_ledger_account_exists FOREIGN KEY (entity_id, ledger_account_id)
    REFERENCES ledger_account (entity_id, id) ON DELETE CASCADE
);

ALTER TABLE merchant_amount_memory ENABLE ROW LEVEL SECURITY;
CREATE POLICY merchant_amount_memory_is_own ON merchant_amount_memory
  USING (entity_id = (SELECT current_entity_id()));
GRANT SELECT, INSERT, UPDATE ON merchant_amount_memory TO openledger_app;
