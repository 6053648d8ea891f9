-- Entries that people write themselves. The books keep each version as a journal entry; this is what the entry is now.

CREATE TABLE manual_entry (
  entity_id bigint NOT NULL REFERENCES entity (id) ON DELETE CASCADE,
  id bigint NOT NULL,
  -- how many journal entries were made for it; part of their source_ref
  revision integer NOT NULL CHECK (revision >= 0),
  -- the live journal entry; null while it is a draft and after it was taken back
  journal_entry_id bigint,
  state text NOT NULL CHECK (state IN ('draft', 'posted', 'deleted')),
  dated date NOT NULL,
  description text NOT NULL CHECK (length(description) <= 1000),
  note text NOT NULL DEFAULT '' CHECK (length(note) <= 4000),
  metadata jsonb NOT NULL DEFAULT '{}',
  external_id text CHECK (length(external_id) BETWEEN 1 AND 255),
  -- what was asked for, to know an external id that is used for something else
  content_sha256 bytea NOT NULL CHECK (length(content_sha256) = 32),
  -- who asked for what, so that the same request sent again finds the entry it made
  request_sha256 bytea NOT NULL CHECK (length(request_sha256) = 32),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (entity_id, id),
  CONSTRAINT manual_entry_is_in_the_books_exactly_when_posted CHECK ((state = 'posted') = (journal_entry_id IS NOT NULL)),
  CONSTRAINT manual_entry_journal_entry_exists FOREIGN KEY (entity_id, journal_entry_id)
    REFERENCES journal_entry (entity_id, id) ON DELETE CASCADE
);
-- a caller's own id names one entry, so that a blind retry finds it
CREATE UNIQUE INDEX manual_entry_external_id_is_unique ON manual_entry (entity_id, external_id)
  WHERE external_id IS NOT NULL AND state <> 'deleted';
-- the list of transactions, newest first
CREATE INDEX manual_entry_by_date ON manual_entry (entity_id, dated DESC, id DESC) WHERE state <> 'deleted';
-- the retry that comes without any key
CREATE INDEX manual_entry_by_request ON manual_entry (entity_id, request_sha256, created_at);
-- deleting an entity's books
CREATE INDEX manual_entry_by_journal_entry ON manual_entry (entity_id, journal_entry_id);

CREATE TABLE manual_entry_line (
  entity_id bigint NOT NULL,
  manual_entry_id bigint NOT NULL,
  line smallint NOT NULL CHECK (line > 0),
  ledger_account_id bigint NOT NULL,
  -- smallest unit of the currency; debit > 0, credit < 0
  amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  memo text NOT NULL DEFAULT '' CHECK (length(memo) <= 1000),
  PRIMARY KEY (entity_id, manual_entry_id, line),
  CONSTRAINT manual_entry_line_manual_entry_exists FOREIGN KEY (entity_id, manual_entry_id)
    REFERENCES manual_entry (entity_id, id) ON DELETE CASCADE,
  CONSTRAINT manual_entry_line_ledger_account_exists FOREIGN KEY (entity_id, ledger_account_id)
    REFERENCES ledger_account (entity_id, id) ON DELETE CASCADE
);
-- what a ledger account is still used for, before it is archived or merged
CREATE INDEX manual_entry_line_by_ledger_account ON manual_entry_line (entity_id, ledger_account_id);

ALTER TABLE manual_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE manual_entry_line ENABLE ROW LEVEL SECURITY;
CREATE POLICY manual_entry_is_own ON manual_entry USING (entity_id = (SELECT current_entity_id()));
CREATE POLICY manual_entry_line_is_own ON manual_entry_line USING (entity_id = (SELECT current_entity_id()));
GRANT SELECT, INSERT, UPDATE ON manual_entry TO openledger_app;
-- an edit replaces the lines; the books keep the earlier ones
GRANT SELECT, INSERT, DELETE ON manual_entry_line TO openledger_app;

-- An edit names a transaction and no entity. A developer may learn which of the developer's own entities it belongs to.
CREATE FUNCTION entities_of_transaction(wanted_id bigint) RETURNS TABLE (entity_id bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT e.id FROM entity AS e
   WHERE e.developer_id = current_developer_id()
     AND (EXISTS (SELECT FROM bank_transaction AS b WHERE b.entity_id = e.id AND b.id = wanted_id)
          OR EXISTS (SELECT FROM manual_entry AS m WHERE m.entity_id = e.id AND m.id = wanted_id))
$$;
REVOKE EXECUTE ON FUNCTION entities_of_transaction(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION entities_of_transaction(bigint) TO openledger_app;
