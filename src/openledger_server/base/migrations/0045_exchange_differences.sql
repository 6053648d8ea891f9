-- What transfers between two currencies gained or lost: which journal entry says so, and for which two entries.

CREATE TABLE exchange_difference (
  entity_id bigint NOT NULL,
  out_transaction_id bigint NOT NULL,
  in_transaction_id bigint NOT NULL,
  -- counts up each time a leg changes; part of the entry's source_ref
  revision integer NOT NULL CHECK (revision > 0),
  -- the live entry; null when the two are no transfer between currencies any more
  journal_entry_id bigint,
  out_entry_id bigint NOT NULL,
  in_entry_id bigint NOT NULL,
  PRIMARY KEY (entity_id, out_transaction_id),
  CONSTRAINT exchange_difference_out_exists FOREIGN KEY (entity_id, out_transaction_id)
    REFERENCES bank_transaction (entity_id, id) ON DELETE CASCADE,
  CONSTRAINT exchange_difference_in_exists FOREIGN KEY (entity_id, in_transaction_id)
    REFERENCES bank_transaction (entity_id, id) ON DELETE CASCADE
);
-- the other leg changed
CREATE INDEX exchange_difference_by_in ON exchange_difference (entity_id, in_transaction_id);
ALTER TABLE exchange_difference ENABLE ROW LEVEL SECURITY;
CREATE POLICY exchange_difference_is_own ON exchange_difference USING (entity_id = (SELECT current_entity_id()));
GRANT SELECT, INSERT, UPDATE ON exchange_difference TO openledger_app;
