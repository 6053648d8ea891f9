-- What people decide about a bank transaction beyond its category: several accounts, not in the books, a note, documents.

CREATE TABLE transaction_split (
  entity_id bigint NOT NULL,
  bank_transaction_id bigint NOT NULL,
  line smallint NOT NULL CHECK (line > 0),
  ledger_account_id bigint NOT NULL,
  -- exact, major units, the bank row's sign: positive = this part came in
  amount numeric NOT NULL CHECK (amount <> 0),
  memo text NOT NULL DEFAULT '' CHECK (length(memo) <= 1000),
  PRIMARY KEY (entity_id, bank_transaction_id, line),
  CONSTRAINT transaction_split_bank_transaction_exists FOREIGN KEY (entity_id, bank_transaction_id)
    REFERENCES bank_transaction (entity_id, id) ON DELETE CASCADE,
  CONSTRAINT transaction_split_ledger_account_exists FOREIGN KEY (entity_id, ledger_account_id)
    REFERENCES ledger_account (entity_id, id) ON DELETE CASCADE
);
-- what a ledger account is still used for, before it is archived or merged
CREATE INDEX transaction_split_by_ledger_account ON transaction_split (entity_id, ledger_account_id);

CREATE TABLE transaction_exclusion (
  entity_id bigint NOT NULL,
  bank_transaction_id bigint NOT NULL,
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
  excluded_at timestamptz NOT NULL,
  PRIMARY KEY (entity_id, bank_transaction_id),
  CONSTRAINT transaction_exclusion_bank_transaction_exists FOREIGN KEY (entity_id, bank_transaction_id)
    REFERENCES bank_transaction (entity_id, id) ON DELETE CASCADE
);

CREATE TABLE transaction_note (
  entity_id bigint NOT NULL,
  bank_transaction_id bigint NOT NULL,
  -- shown instead of the bank's own words, which stay as they are; null: the bank's
  description text CHECK (length(description) <= 1000),
  note text NOT NULL DEFAULT '' CHECK (length(note) <= 4000),
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (entity_id, bank_transaction_id),
  CONSTRAINT transaction_note_bank_transaction_exists FOREIGN KEY (entity_id, bank_transaction_id)
    REFERENCES bank_transaction (entity_id, id) ON DELETE CASCADE
);

-- Where the documents are that belong to a transaction; the documents themselves stay with the host product.
CREATE TABLE attachment (
  entity_id bigint NOT NULL,
  id bigint NOT NULL,
  bank_transaction_id bigint,
  manual_entry_id bigint,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
  url text CHECK (length(url) <= 2000),
  media_type text NOT NULL DEFAULT '' CHECK (length(media_type) <= 255),
  size_bytes bigint CHECK (size_bytes >= 0),
  sha256 bytea CHECK (length(sha256) = 32),
  external_id text CHECK (length(external_id) BETWEEN 1 AND 255),
  added_at timestamptz NOT NULL,
  PRIMARY KEY (entity_id, id),
  CONSTRAINT attachment_belongs_to_one CHECK (num_nonnulls(bank_transaction_id, manual_entry_id) = 1),
  CONSTRAINT attachment_bank_transaction_exists FOREIGN KEY (entity_id, bank_transaction_id)
    REFERENCES bank_transaction (entity_id, id) ON DELETE CASCADE,
  CONSTRAINT attachment_manual_entry_exists FOREIGN KEY (entity_id, manual_entry_id)
    REFERENCES manual_entry (entity_id, id) ON DELETE CASCADE
);
CREATE INDEX attachment_by_bank_transaction ON attachment (entity_id, bank_transaction_id)
  WHERE bank_transaction_id IS NOT NULL;
CREATE INDEX attachment_by_manual_entry ON attachment (entity_id, manual_entry_id) WHERE manual_entry_id IS NOT NULL;

-- How a split is booked now: what each account got, in minor units with the bank row's sign; null when it is not split.
ALTER TABLE booking
  ADD COLUMN split_ledger_account_ids bigint[],
  ADD COLUMN split_amounts_minor bigint[],
  ADD CONSTRAINT booking_split_is_whole CHECK (
    (split_ledger_account_ids IS NULL) = (split_amounts_minor IS NULL)
    AND cardinality(split_ledger_account_ids) = cardinality(split_amounts_minor));

ALTER TABLE transaction_split ENABLE ROW LEVEL SECURITY;
ALTER TABLE transaction_exclusion ENABLE ROW LEVEL SECURITY;
ALTER TABLE transaction_note ENABLE ROW LEVEL SECURITY;
ALTER TABLE attachment ENABLE ROW LEVEL SECURITY;
CREATE POLICY transaction_split_is_own ON transaction_split USING (entity_id = (SELECT current_entity_id()));
CREATE POLICY transaction_exclusion_is_own ON transaction_exclusion USING (entity_id = (SELECT current_entity_id()));
CREATE POLICY transaction_note_is_own ON transaction_note USING (entity_id = (SELECT current_entity_id()));
CREATE POLICY attachment_is_own ON attachment USING (entity_id = (SELECT current_entity_id()));
GRANT SELECT, INSERT, UPDATE, DELETE ON transaction_split, transaction_exclusion, transaction_note, attachment
  TO openledger_app;
