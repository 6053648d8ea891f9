-- Bank facts: what the bank said, as it said it, plus how far we have read.

-- Institutions are public knowledge, shared by all tenants.
CREATE TABLE institution (
  id text PRIMARY KEY,
  name text NOT NULL,
  updated_at timestamptz NOT NULL
);

CREATE TABLE item (
  entity_id bigint NOT NULL REFERENCES entity (id) ON DELETE CASCADE,
  id bigint NOT NULL,
  provider_item_id text NOT NULL,
  institution_id text REFERENCES institution (id),
  access_token_ciphertext bytea NOT NULL,
  access_token_key_id text NOT NULL,
  -- SHA-256 of the public token that was exchanged for it: the same link handed in twice finds the same item
  public_token_sha256 bytea NOT NULL CHECK (length(public_token_sha256) = 32),
  state text NOT NULL CHECK (state IN ('linking', 'importing', 'healthy', 'login_required', 'error')),
  -- where the next sync begins; written only together with the rows before it
  sync_cursor text NOT NULL DEFAULT '',
  -- the whole history that the bank gives has arrived; opening balances are fixed from then on
  history_complete_at timestamptz,
  last_synced_at timestamptz,
  error_code text,
  error_message text,
  linked_at timestamptz NOT NULL,
  PRIMARY KEY (entity_id, id),
  CONSTRAINT item_provider_item_id_is_unique UNIQUE (entity_id, provider_item_id),
  CONSTRAINT item_public_token_is_used_once UNIQUE (entity_id, public_token_sha256)
);

CREATE TABLE bank_account (
  entity_id bigint NOT NULL,
  id bigint NOT NULL,
  item_id bigint NOT NULL,
  provider_account_id text NOT NULL,
  name text NOT NULL,
  official_name text,
  mask text,
  type text NOT NULL,
  subtype text,
  currency text NOT NULL,
  ledger_account_id bigint NOT NULL,
  -- as the bank reports them: money held is positive, and on credit and loan accounts money owed is positive
  reported_current numeric,
  reported_available numeric,
  reported_limit numeric,
  reported_at timestamptz,
  -- live rows, kept by each sync so that nobody has to count
  settled_count bigint NOT NULL DEFAULT 0 CHECK (settled_count >= 0),
  pending_count bigint NOT NULL DEFAULT 0 CHECK (pending_count >= 0),
  linked_at timestamptz NOT NULL,
  PRIMARY KEY (entity_id, id),
  CONSTRAINT bank_account_provider_account_id_is_unique UNIQUE (entity_id, provider_account_id),
  CONSTRAINT bank_account_item_exists FOREIGN KEY (entity_id, item_id)
    REFERENCES item (entity_id, id) ON DELETE CASCADE,
  CONSTRAINT bank_account_ledger_account_exists FOREIGN KEY (entity_id, ledger_account_id)
    REFERENCES ledger_account (entity_id, id)
);
CREATE INDEX bank_account_by_item ON bank_account (entity_id, item_id);

CREATE TABLE bank_transaction (
  entity_id bigint NOT NULL,
  id bigint NOT NULL,
  bank_account_id bigint NOT NULL,
  provider_transaction_id text NOT NULL,
  -- on a settled row: the pending row it replaces
  pending_provider_id text,
  -- exact, major units; positive = money into the bank account
  amount numeric NOT NULL,
  currency text NOT NULL,
  dated date NOT NULL,
  authorized_on date,
  is_pending boolean NOT NULL,
  description text NOT NULL,
  merchant_name text,
  merchant_entity_id text,
  payment_channel text,
  provider_category text,
  provider_category_version text,
  provider_confidence text,
  check_number text,
  -- the provider's row as it came
  raw jsonb NOT NULL,
  first_seen_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  -- the bank took it back, or a settled row took its place; it is kept, but counts no more
  removed_at timestamptz,
  PRIMARY KEY (entity_id, id),
  CONSTRAINT bank_transaction_provider_id_is_unique UNIQUE (entity_id, provider_transaction_id),
  CONSTRAINT bank_transaction_bank_account_exists FOREIGN KEY (entity_id, bank_account_id)
    REFERENCES bank_account (entity_id, id) ON DELETE CASCADE
);
-- the list of transactions, newest first
CREATE INDEX bank_transaction_by_date ON bank_transaction (entity_id, dated DESC, id DESC) WHERE removed_at IS NULL;

CREATE TABLE sync_run (
  entity_id bigint NOT NULL,
  id bigint NOT NULL,
  item_id bigint NOT NULL,
  started_at timestamptz NOT NULL,
  finished_at timestamptz NOT NULL,
  pages integer NOT NULL,
  restarts integer NOT NULL,
  added integer NOT NULL,
  modified integer NOT NULL,
  removed integer NOT NULL,
  unchanged integer NOT NULL,
  error_code text,
  PRIMARY KEY (entity_id, id),
  CONSTRAINT sync_run_item_exists FOREIGN KEY (entity_id, item_id) REFERENCES item (entity_id, id) ON DELETE CASCADE
);
CREATE INDEX sync_run_by_item ON sync_run (entity_id, item_id, id);

ALTER TABLE item ENABLE ROW LEVEL SECURITY;
ALTER TABLE bank_account ENABLE ROW LEVEL SECURITY;
ALTER TABLE bank_transaction ENABLE ROW LEVEL SECURITY;
ALTER TABLE sync_run ENABLE ROW LEVEL SECURITY;
CREATE POLICY item_is_own ON item USING (entity_id = (SELECT current_entity_id()));
CREATE POLICY bank_account_is_own ON bank_account USING (entity_id = (SELECT current_entity_id()));
CREATE POLICY bank_transaction_is_own ON bank_transaction USING (entity_id = (SELECT current_entity_id()));
CREATE POLICY sync_run_is_own ON sync_run USING (entity_id = (SELECT current_entity_id()));

GRANT SELECT, INSERT, UPDATE ON institution, item, bank_account, bank_transaction TO openledger_app;
GRANT SELECT, INSERT ON sync_run TO openledger_app;

-- The sweep looks across tenants for items whose last sync is long ago; this is all it may see of them.
CREATE FUNCTION items_to_sync(synced_before timestamptz) RETURNS TABLE (entity_id bigint, item_id bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT i.entity_id, i.id FROM item AS i
   WHERE i.state IN ('importing', 'healthy') AND coalesce(i.last_synced_at, i.linked_at) < synced_before
$$;
REVOKE EXECUTE ON FUNCTION items_to_sync(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION items_to_sync(timestamptz) TO openledger_app;
