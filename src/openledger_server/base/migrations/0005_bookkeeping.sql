-- Which journal entry stands for which bank fact right now.

CREATE TABLE booking (
  entity_id bigint NOT NULL,
  bank_transaction_id bigint NOT NULL,
  -- counts up each time the fact or the judgement changes; part of the entry's source_ref
  revision integer NOT NULL CHECK (revision > 0),
  -- the live entry; null when the fact is no longer booked
  journal_entry_id bigint,
  dated date NOT NULL,
  amount_minor bigint NOT NULL,
  currency text NOT NULL,
  bank_ledger_account_id bigint NOT NULL,
  category_ledger_account_id bigint NOT NULL,
  PRIMARY KEY (entity_id, bank_transaction_id),
  CONSTRAINT booking_bank_transaction_exists FOREIGN KEY (entity_id, bank_transaction_id)
    REFERENCES bank_transaction (entity_id, id) ON DELETE CASCADE,
  CONSTRAINT booking_journal_entry_exists FOREIGN KEY (entity_id, journal_entry_id)
    REFERENCES journal_entry (entity_id, id)
);

CREATE TABLE opening_balance (
  entity_id bigint NOT NULL,
  bank_account_id bigint NOT NULL,
  revision integer NOT NULL CHECK (revision > 0),
  -- null when the opening balance is zero
  journal_entry_id bigint,
  dated date NOT NULL,
  -- debit > 0 on the bank account's ledger account
  amount_minor bigint NOT NULL,
  PRIMARY KEY (entity_id, bank_account_id),
  CONSTRAINT opening_balance_bank_account_exists FOREIGN KEY (entity_id, bank_account_id)
    REFERENCES bank_account (entity_id, id) ON DELETE CASCADE,
  CONSTRAINT opening_balance_journal_entry_exists FOREIGN KEY (entity_id, journal_entry_id)
    REFERENCES journal_entry (entity_id, id)
);

ALTER TABLE booking ENABLE ROW LEVEL SECURITY;
ALTER TABLE opening_balance ENABLE ROW LEVEL SECURITY;
CREATE POLICY booking_is_own ON booking USING (entity_id = (SELECT current_entity_id()));
CREATE POLICY opening_balance_is_own ON opening_balance USING (entity_id = (SELECT current_entity_id()));
GRANT SELECT, INSERT, UPDATE ON booking, opening_balance TO openledger_app;

-- Deleting an entity takes its books along, which the server's role cannot do row by row. It may do exactly this.
CREATE FUNCTION delete_entity(target_entity_id bigint) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM entity WHERE id = target_entity_id AND developer_id = current_developer_id()) THEN
    RETURN false;
  END IF;
  DELETE FROM booking WHERE entity_id = target_entity_id;
  DELETE FROM opening_balance WHERE entity_id = target_entity_id;
  DELETE FROM categorization WHERE entity_id = target_entity_id;
  DELETE FROM merchant_memory WHERE entity_id = target_entity_id;
  DELETE FROM bank_transaction WHERE entity_id = target_entity_id;
  DELETE FROM sync_run WHERE entity_id = target_entity_id;
  DELETE FROM bank_account WHERE entity_id = target_entity_id;
  DELETE FROM item WHERE entity_id = target_entity_id;
  DELETE FROM ledger_account_month WHERE entity_id = target_entity_id;
  DELETE FROM posting WHERE entity_id = target_entity_id;
  DELETE FROM journal_entry WHERE entity_id = target_entity_id;
  DELETE FROM ledger_account WHERE entity_id = target_entity_id;
  DELETE FROM entity WHERE id = target_entity_id;
  RETURN true;
END $$;
REVOKE EXECUTE ON FUNCTION delete_entity(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION delete_entity(bigint) TO openledger_app;
