-- What the last check of each entity's books found, and the end of its digest chain then.

CREATE TABLE books_verification (
  entity_id bigint PRIMARY KEY REFERENCES entity (id) ON DELETE CASCADE,
  verified_at timestamptz NOT NULL,
  is_sound boolean NOT NULL,
  -- [{check, subject}], the first ones of each check
  findings jsonb NOT NULL,
  -- 0 and null while nothing is posted
  head_batch bigint NOT NULL,
  head_sha256 bytea CHECK (length(head_sha256) = 32)
);
ALTER TABLE books_verification ENABLE ROW LEVEL SECURITY;
CREATE POLICY books_verification_is_own ON books_verification USING (entity_id = (SELECT current_entity_id()));
GRANT SELECT, INSERT, UPDATE ON books_verification TO openledger_app;

-- Whose books are to be checked, across tenants; nothing else about them.
CREATE FUNCTION entities_to_verify(after_id bigint, at_most integer) RETURNS TABLE (entity_id bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT e.id FROM entity AS e WHERE e.id > after_id ORDER BY e.id LIMIT at_most
$$;
REVOKE EXECUTE ON FUNCTION entities_to_verify(bigint, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION entities_to_verify(bigint, integer) TO openledger_app;

-- A row may also wait because the books cannot state it: an unknown currency, another one than its account's, or digits
-- below the smallest unit.
ALTER TABLE booking_hold DROP CONSTRAINT booking_hold_reason_check;
ALTER TABLE booking_hold ADD CONSTRAINT booking_hold_reason_check
  CHECK (reason IN ('period_closed', 'rate_missing', 'not_representable'));
