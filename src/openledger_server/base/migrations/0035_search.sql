-- Finding bank transactions by text that is only nearly right: word similarity by trigrams, within one entity.
-- Both extensions come with PostgreSQL and are trusted, so the owner of the database may add them.

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- a search reads the trigrams of one entity's rows, not everybody's
CREATE INDEX bank_transaction_text ON bank_transaction
  USING gin (entity_id, (description || ' ' || coalesce(merchant_name, '')) gin_trgm_ops)
  WHERE removed_at IS NULL;
