-- Who may do what: developers (the embedding companies), their API keys, and the entities whose books we keep.

-- The server logs in as the owner of the schema only to migrate. Everything else runs as this role, which owns nothing,
-- so that row-level security binds it.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'openledger_app') THEN
    CREATE ROLE openledger_app NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
END $$;
GRANT openledger_app TO CURRENT_USER;
GRANT USAGE ON SCHEMA public TO openledger_app;

-- The tenant of the current transaction; NULL (so: no rows) when nothing was set.
CREATE FUNCTION current_entity_id() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.entity_id', true), '')::bigint $$;
CREATE FUNCTION current_developer_id() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.developer_id', true), '')::bigint $$;

CREATE TABLE developer (
  id bigint PRIMARY KEY,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  created_at timestamptz NOT NULL
);

CREATE TABLE api_key (
  developer_id bigint NOT NULL REFERENCES developer (id) ON DELETE CASCADE,
  id bigint NOT NULL,
  key_sha256 bytea NOT NULL CHECK (length(key_sha256) = 32),
  label text NOT NULL,
  created_at timestamptz NOT NULL,
  revoked_at timestamptz,
  PRIMARY KEY (developer_id, id),
  CONSTRAINT api_key_is_unique UNIQUE (developer_id, key_sha256)
);

CREATE TABLE entity (
  id bigint PRIMARY KEY,
  developer_id bigint NOT NULL REFERENCES developer (id),
  external_id text CHECK (length(external_id) <= 255),
  legal_name text NOT NULL DEFAULT '' CHECK (length(legal_name) <= 255),
  tin text CHECK (length(tin) <= 32),
  us_state text CHECK (length(us_state) <= 64),
  entity_type text CHECK (entity_type IN ('LLC', 'CORPORATION', 'PARTNERSHIP', 'SOLE_PROPRIETORSHIP', 'NON_PROFIT')),
  phone_number text CHECK (length(phone_number) <= 64),
  status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'INACTIVE')),
  base_currency text NOT NULL DEFAULT 'USD' CHECK (base_currency ~ '^[A-Z]{3}$'),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  -- a developer's own id names one entity, so that a blind retry of the creation finds it
  CONSTRAINT entity_external_id_is_unique UNIQUE (developer_id, external_id)
);
-- the list of a developer's entities, page by page
CREATE INDEX entity_by_developer ON entity (developer_id, id);

ALTER TABLE developer ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE entity ENABLE ROW LEVEL SECURITY;
CREATE POLICY developer_is_self ON developer USING (id = (SELECT current_developer_id()));
CREATE POLICY api_key_is_own ON api_key USING (developer_id = (SELECT current_developer_id()));
CREATE POLICY entity_is_own ON entity
  USING (id = (SELECT current_entity_id()) OR developer_id = (SELECT current_developer_id()));

GRANT SELECT ON developer TO openledger_app;
GRANT SELECT, INSERT ON api_key TO openledger_app;
GRANT SELECT, INSERT, UPDATE ON entity TO openledger_app;
