-- Pairs of rows that a person said are not one transfer; they are never paired or asked about again.

CREATE TABLE transfer_rejection (
  entity_id bigint NOT NULL,
  out_transaction_id bigint NOT NULL,
  in_transaction_id bigint NOT NULL,
  rejected_at timestamptz NOT NULL,
  PRIMARY KEY (entity_id, out_transaction_id, in_transaction_id),
  CONSTRAINT transfer_rejection_out_exists FOREIGN KEY (entity_id, out_transaction_id)
    REFERENCES bank_transaction (entity_id, id) ON DELETE CASCADE,
  CONSTRAINT transfer_rejection_in_exists FOREIGN KEY (entity_id, in_transaction_id)
    REFERENCES bank_transaction (entity_id, id) ON DELETE CASCADE
);
CREATE INDEX transfer_rejection_by_in ON transfer_rejection (entity_id, in_transaction_id);

ALTER TABLE transfer_rejection ENABLE ROW LEVEL SECURITY;
CREATE POLICY transfer_rejection_is_own ON transfer_rejection USING (entity_id = (SELECT current_entity_id()));
GRANT SELECT, INSERT, DELETE ON transfer_rejection TO openledger_app;
