-- Requests that carry an idempotency key, and what they were answered with. The tenant is the developer: a key may come
-- with the request that creates an entity.

CREATE TABLE idempotent_request (
  developer_id bigint NOT NULL REFERENCES developer (id) ON DELETE CASCADE,
  -- SHA-256 of who asks and the key
  key_sha256 bytea NOT NULL CHECK (length(key_sha256) = 32),
  -- SHA-256 of method, path, query and body: the same key with another request is an error
  request_sha256 bytea NOT NULL CHECK (length(request_sha256) = 32),
  -- until then somebody is at it; who is killed leaves it to the next
  claimed_until timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  -- the answer; null while somebody is at it. The body is sealed, for answers may hold secrets
  status smallint CHECK (status BETWEEN 200 AND 299),
  media_type text,
  body_ciphertext bytea,
  body_key_id text,
  PRIMARY KEY (developer_id, key_sha256),
  CONSTRAINT idempotent_request_answer_is_whole CHECK (
    num_nulls(status, media_type, body_ciphertext, body_key_id) IN (0, 4))
);
CREATE INDEX idempotent_request_by_time ON idempotent_request (created_at);
ALTER TABLE idempotent_request ENABLE ROW LEVEL SECURITY;
CREATE POLICY idempotent_request_is_own ON idempotent_request
  USING (developer_id = (SELECT current_developer_id()));
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotent_request TO openledger_app;

-- Answers are kept for a day only.
CREATE FUNCTION prune_idempotent_requests(older_than timestamptz) RETURNS bigint
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (DELETE FROM idempotent_request WHERE created_at < older_than RETURNING 1) SELECT count(*) FROM gone
$$;
REVOKE EXECUTE ON FUNCTION prune_idempotent_requests(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prune_idempotent_requests(timestamptz) TO openledger_app;

ALTER TABLE entity
  -- SHA-256 of who asked and the idempotency key: the same request again finds the entity it made
  ADD COLUMN creation_sha256 bytea CHECK (length(creation_sha256) = 32),
  ADD CONSTRAINT entity_is_created_once UNIQUE (developer_id, creation_sha256);
