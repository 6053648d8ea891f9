-- The life of a connection after it was linked: its states and dates, accounts that leave and come back, webhooks from
-- the provider, and webhooks to the developers.

ALTER TABLE item DROP CONSTRAINT item_state_check;
ALTER TABLE item ADD CONSTRAINT item_state_check CHECK (state IN (
  'linking', 'importing', 'healthy', 'login_required', 'expiring', 'bank_down', 'rate_limited', 'revoked', 'paused',
  'disconnecting', 'disconnected', 'error'));
-- the token is erased once the provider has confirmed that the access is given up
ALTER TABLE item ALTER COLUMN access_token_ciphertext DROP NOT NULL;
ALTER TABLE item ALTER COLUMN access_token_key_id DROP NOT NULL;
ALTER TABLE item
  ADD COLUMN state_changed_at timestamptz,
  -- the user's consent, or the bank's way of access, ends then, unless the user renews it
  ADD COLUMN consent_expires_at timestamptz,
  ADD COLUMN disconnect_at timestamptz,
  ADD COLUMN disconnect_reason text,
  -- when the provider last spoke with the bank, apart from when we last spoke with the provider
  ADD COLUMN provider_last_success_at timestamptz,
  ADD COLUMN provider_last_failure_at timestamptz,
  ADD COLUMN new_accounts_available boolean NOT NULL DEFAULT false,
  ADD COLUMN last_attempted_at timestamptz,
  -- set while the token is being replaced, when the old one may be refused already and the new one is not stored yet
  ADD COLUMN token_changing_since timestamptz,
  -- the last times at which a person asked the provider to look at the bank now; the provider allows two a minute
  ADD COLUMN refresh_times timestamptz[] NOT NULL DEFAULT '{}',
  ADD CONSTRAINT item_token_is_whole CHECK ((access_token_ciphertext IS NULL) = (access_token_key_id IS NULL)),
  ADD CONSTRAINT item_in_use_has_a_token CHECK (
    access_token_ciphertext IS NOT NULL OR state IN ('disconnected', 'revoked'));
-- the provider's webhooks name the item by the provider's id only
CREATE INDEX item_by_provider_id ON item (provider_item_id);

ALTER TABLE bank_account
  ADD COLUMN persistent_account_id text,
  -- no longer fed; its rows and its books stay
  ADD COLUMN unlinked_at timestamptz,
  ADD COLUMN unlinked_reason text CHECK (unlinked_reason IN ('user', 'deselected', 'revoked', 'disconnected')),
  -- the difference between bank and books that developers were last told of, in minor units
  ADD COLUMN told_gap_minor bigint NOT NULL DEFAULT 0,
  ADD CONSTRAINT bank_account_unlinked_has_a_reason CHECK ((unlinked_at IS NULL) = (unlinked_reason IS NULL));

-- The row came through a connection that ended. When the bank is linked again its successor takes the row over, if the
-- bank sends an equal one, so that nothing is booked twice.
ALTER TABLE bank_transaction ADD COLUMN awaits_relink boolean NOT NULL DEFAULT false;
CREATE INDEX bank_transaction_awaiting_relink ON bank_transaction (entity_id, bank_account_id) WHERE awaits_relink;

-- What the sweep may see: items that are due, those that only a person can repair less often.
CREATE OR REPLACE FUNCTION items_to_sync(synced_before timestamptz) RETURNS TABLE (entity_id bigint, item_id bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT i.entity_id, i.id FROM item AS i
   WHERE (i.state IN ('importing', 'healthy', 'expiring', 'bank_down', 'rate_limited')
          AND coalesce(greatest(i.last_synced_at, i.last_attempted_at), i.linked_at) < synced_before)
      OR (i.state IN ('login_required', 'error')
          AND coalesce(greatest(i.last_synced_at, i.last_attempted_at), i.linked_at)
              < synced_before - interval '20 hours')
$$;

-- Items whose access is to be given up at the provider and is not yet.
CREATE FUNCTION items_to_remove() RETURNS TABLE (entity_id bigint, item_id bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT i.entity_id, i.id FROM item AS i
   WHERE i.state = 'disconnecting' OR (i.state = 'revoked' AND i.access_token_ciphertext IS NOT NULL)
$$;
REVOKE EXECUTE ON FUNCTION items_to_remove() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION items_to_remove() TO openledger_app;

-- Webhooks from the provider, verified before they get here. Those of items that we do not know belong to nobody.
CREATE TABLE received_webhook (
  id bigint PRIMARY KEY,
  entity_id bigint REFERENCES entity (id) ON DELETE CASCADE,
  item_id bigint,
  provider_item_id text NOT NULL,
  kind text NOT NULL,
  code text NOT NULL,
  body jsonb NOT NULL,
  -- SHA-256 of what the provider signed: the same delivery sent again is found, whoever sends it
  signed_sha256 bytea NOT NULL CHECK (length(signed_sha256) = 32),
  received_at timestamptz NOT NULL,
  repeats integer NOT NULL DEFAULT 0,
  state text NOT NULL CHECK (state IN ('waiting', 'done', 'ignored')),
  handled_at timestamptz,
  CONSTRAINT received_webhook_is_stored_once UNIQUE (signed_sha256),
  CONSTRAINT received_webhook_item_exists FOREIGN KEY (entity_id, item_id)
    REFERENCES item (entity_id, id) ON DELETE CASCADE
);
CREATE INDEX received_webhook_waiting ON received_webhook (entity_id, item_id, id) WHERE state = 'waiting';
CREATE INDEX received_webhook_by_item ON received_webhook (entity_id, item_id);
CREATE INDEX received_webhook_by_time ON received_webhook (received_at);
ALTER TABLE received_webhook ENABLE ROW LEVEL SECURITY;
CREATE POLICY received_webhook_is_own ON received_webhook USING (entity_id = (SELECT current_entity_id()));
GRANT SELECT, UPDATE (state, handled_at) ON received_webhook TO openledger_app;

-- The receiver does not know the tenant. It may store one webhook and learn whose item it is about, nothing else.
CREATE FUNCTION receive_webhook(
  new_id bigint, named_item text, named_kind text, named_code text, given_body jsonb, digest bytea, at timestamptz
) RETURNS TABLE (entity_id bigint, item_id bigint, is_new boolean)
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH found AS (
    SELECT i.entity_id, i.id FROM item AS i WHERE i.provider_item_id = named_item ORDER BY i.id DESC LIMIT 1
  )
  INSERT INTO received_webhook AS r (id, entity_id, item_id, provider_item_id, kind, code, body, signed_sha256,
                                     received_at, state, handled_at)
  SELECT new_id, f.entity_id, f.id, named_item, named_kind, named_code, given_body, digest, at,
         CASE WHEN f.id IS NULL THEN 'ignored' ELSE 'waiting' END, CASE WHEN f.id IS NULL THEN at END
    FROM (SELECT) AS one LEFT JOIN found AS f ON true
  ON CONFLICT (signed_sha256) DO UPDATE SET repeats = r.repeats + 1
  RETURNING r.entity_id, r.item_id, r.repeats = 0
$$;
REVOKE EXECUTE ON FUNCTION receive_webhook(bigint, text, text, text, jsonb, bytea, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION receive_webhook(bigint, text, text, text, jsonb, bytea, timestamptz) TO openledger_app;

-- Webhooks to the developers: where to, what, and how the delivery went.
CREATE TABLE webhook_endpoint (
  developer_id bigint NOT NULL REFERENCES developer (id) ON DELETE CASCADE,
  id bigint NOT NULL,
  url text NOT NULL CHECK (length(url) <= 2000),
  description text NOT NULL DEFAULT '' CHECK (length(description) <= 255),
  -- empty: every type
  event_types text[] NOT NULL DEFAULT '{}',
  secret_ciphertext bytea NOT NULL,
  secret_key_id text NOT NULL,
  -- after a rotation both secrets sign until then, so that receivers can change over
  old_secret_ciphertext bytea,
  old_secret_key_id text,
  old_secret_until timestamptz,
  created_at timestamptz NOT NULL,
  disabled_at timestamptz,
  PRIMARY KEY (developer_id, id)
);

CREATE TABLE webhook_message (
  developer_id bigint NOT NULL REFERENCES developer (id) ON DELETE CASCADE,
  id bigint NOT NULL,
  entity_id bigint REFERENCES entity (id) ON DELETE CASCADE,
  event_type text NOT NULL,
  body jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (developer_id, id)
);
CREATE INDEX webhook_message_by_entity ON webhook_message (entity_id);
CREATE INDEX webhook_message_by_time ON webhook_message (created_at);

CREATE TABLE webhook_delivery (
  developer_id bigint NOT NULL,
  message_id bigint NOT NULL,
  endpoint_id bigint NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
  attempts integer NOT NULL DEFAULT 0,
  last_attempt_at timestamptz,
  last_status integer,
  last_error text,
  delivered_at timestamptz,
  PRIMARY KEY (developer_id, message_id, endpoint_id),
  FOREIGN KEY (developer_id, message_id) REFERENCES webhook_message (developer_id, id) ON DELETE CASCADE,
  FOREIGN KEY (developer_id, endpoint_id) REFERENCES webhook_endpoint (developer_id, id) ON DELETE CASCADE
);
CREATE INDEX webhook_delivery_by_endpoint ON webhook_delivery (developer_id, endpoint_id, message_id);

ALTER TABLE webhook_endpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_message ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_delivery ENABLE ROW LEVEL SECURITY;
CREATE POLICY webhook_endpoint_is_own ON webhook_endpoint USING (developer_id = (SELECT current_developer_id()));
CREATE POLICY webhook_message_is_own ON webhook_message USING (developer_id = (SELECT current_developer_id()));
CREATE POLICY webhook_delivery_is_own ON webhook_delivery USING (developer_id = (SELECT current_developer_id()));
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_endpoint TO openledger_app;
GRANT SELECT, INSERT ON webhook_message TO openledger_app;
GRANT SELECT, INSERT, UPDATE ON webhook_delivery TO openledger_app;

-- Work for an entity may tell the entity's developer what happened, in its own transaction, without seeing where to.
CREATE FUNCTION announce(new_id bigint, named_type text, given_body jsonb, at timestamptz)
  RETURNS TABLE (developer_id bigint, endpoint_id bigint)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  owner_id bigint;
BEGIN
  SELECT e.developer_id INTO owner_id FROM entity AS e
   WHERE e.id = current_entity_id() AND EXISTS (
     SELECT FROM webhook_endpoint AS w WHERE w.developer_id = e.developer_id AND w.disabled_at IS NULL
        AND (w.event_types = '{}' OR named_type = ANY (w.event_types)));
  IF owner_id IS NULL THEN
    RETURN;
  END IF;
  INSERT INTO webhook_message (developer_id, id, entity_id, event_type, body, created_at)
  VALUES (owner_id, new_id, current_entity_id(), named_type, given_body, at);
  RETURN QUERY
    INSERT INTO webhook_delivery AS d (developer_id, message_id, endpoint_id)
    SELECT w.developer_id, new_id, w.id FROM webhook_endpoint AS w
     WHERE w.developer_id = owner_id AND w.disabled_at IS NULL
       AND (w.event_types = '{}' OR named_type = ANY (w.event_types))
    RETURNING d.developer_id, d.endpoint_id;
END $$;
REVOKE EXECUTE ON FUNCTION announce(bigint, text, jsonb, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION announce(bigint, text, jsonb, timestamptz) TO openledger_app;

-- Both logs are kept for a while only.
CREATE FUNCTION prune_webhooks(older_than timestamptz) RETURNS bigint
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH received AS (DELETE FROM received_webhook WHERE received_at < older_than AND state <> 'waiting' RETURNING 1),
       sent AS (DELETE FROM webhook_message WHERE created_at < older_than RETURNING 1)
  SELECT (SELECT count(*) FROM received) + (SELECT count(*) FROM sent)
$$;
REVOKE EXECUTE ON FUNCTION prune_webhooks(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prune_webhooks(timestamptz) TO openledger_app;
