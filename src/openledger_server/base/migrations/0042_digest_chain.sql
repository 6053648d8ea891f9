-- A chain of digests over all batches of an entity's journal, so that a change to anything posted before shows.

CREATE TABLE ledger_batch (
  entity_id bigint NOT NULL REFERENCES entity (id) ON DELETE CASCADE,
  batch bigint NOT NULL CHECK (batch > 0),
  entries integer NOT NULL CHECK (entries > 0),
  -- SHA-256 over the batch before (32 zero bytes for the first), a line for the batch, and a line per entry
  sha256 bytea NOT NULL CHECK (length(sha256) = 32),
  -- by the database's own clock
  appended_at timestamptz NOT NULL,
  PRIMARY KEY (entity_id, batch)
);
ALTER TABLE ledger_batch ENABLE ROW LEVEL SECURITY;
CREATE POLICY ledger_batch_is_own ON ledger_batch USING (entity_id = (SELECT current_entity_id()));
GRANT SELECT ON ledger_batch TO openledger_app;

-- The line of one entry: a JSON array that any program can write again. `ledger/digests.py` does.
CREATE FUNCTION journal_entry_line(e journal_entry, postings json) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT json_build_array(
    e.id, e.dated, e.source_ref, e.description, e.reverses_id, e.kind, e.actor_kind, e.actor_id, e.actor_name, e.reason,
    e.note, (extract(epoch FROM e.created_at) * 1000000)::bigint, postings)::text
$$;

CREATE FUNCTION ledger_batch_sha256(
  of_entity_id bigint, of_batch bigint, entries bigint, appended_at timestamptz, lines text
) RETURNS bytea LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT sha256(
    coalesce((SELECT b.sha256 FROM ledger_batch AS b WHERE b.entity_id = of_entity_id AND b.batch = of_batch - 1),
             decode(repeat('00', 32), 'hex'))
    || convert_to(
      json_build_array(of_entity_id, of_batch, entries, (extract(epoch FROM appended_at) * 1000000)::bigint)::text
      || E'\n' || lines, 'UTF8'))
$$;

-- What was posted before the chain began is its first link.
INSERT INTO ledger_batch (entity_id, batch, entries, sha256, appended_at)
SELECT entity_id, 1, count(*), ledger_batch_sha256(entity_id, 1, count(*), transaction_timestamp(),
                                                   string_agg(line, E'\n' ORDER BY id)), transaction_timestamp()
  FROM (SELECT e.entity_id, e.id, journal_entry_line(e, json_agg(
                 json_build_array(p.line, p.ledger_account_id, p.amount_minor, p.currency, p.base_minor, p.rate::text)
                 ORDER BY p.line)) AS line
          FROM journal_entry AS e JOIN posting AS p ON p.entity_id = e.entity_id AND p.journal_entry_id = e.id
         GROUP BY e.entity_id, e.id) AS entry
 GROUP BY entity_id;

-- All postings of a batch of entries come in one INSERT. What this checks and keeps holds for whoever writes:
-- every entry balances in each currency and in the base currency, is in the batch that is due, on its entry's day, and not
-- in a closed period unless an override is logged; the monthly totals and the chain follow.
-- It runs with the owner's rights, because the server's role may write neither the totals nor the chain itself.
CREATE OR REPLACE FUNCTION post_to_month_totals() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  one record;
BEGIN
  SELECT journal_entry_id INTO one FROM (
    SELECT entity_id, journal_entry_id, sum(amount_minor) AS amount_minor, sum(base_minor) AS base_minor
      FROM new_posting GROUP BY entity_id, journal_entry_id, currency) AS summed
    GROUP BY entity_id, journal_entry_id HAVING bool_or(amount_minor <> 0) OR sum(base_minor) <> 0 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'journal entry % does not balance', one.journal_entry_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_entry_balances';
  END IF;
  FOR one IN SELECT DISTINCT entity_id FROM new_posting ORDER BY entity_id LOOP
    -- Writers of one entity's books take turns; most hold them already.
    PERFORM id FROM entity WHERE id = one.entity_id FOR NO KEY UPDATE;
    PERFORM chain_batch(one.entity_id, first_day, last_batch, entries, lines, is_sound) FROM (
      SELECT min(e.dated) AS first_day, max(e.batch) AS last_batch, count(*) AS entries,
             string_agg(e.line, E'\n' ORDER BY e.id) AS lines,
             min(e.batch) = max(e.batch) AND bool_and(e.is_on_its_day AND e.is_valued_right) AS is_sound
        FROM (SELECT e.id, e.dated, e.batch, bool_and(p.dated = e.dated) AS is_on_its_day,
                     bool_and(CASE WHEN p.currency = b.base_currency THEN p.base_minor = p.amount_minor
                                   ELSE p.rate IS NOT NULL END) AS is_valued_right,
                     journal_entry_line(e, json_agg(
                       json_build_array(p.line, p.ledger_account_id, p.amount_minor, p.currency, p.base_minor,
                                        p.rate::text) ORDER BY p.line)) AS line
                FROM new_posting AS p
                JOIN journal_entry AS e ON e.entity_id = p.entity_id AND e.id = p.journal_entry_id
                JOIN entity AS b ON b.id = p.entity_id
               WHERE p.entity_id = one.entity_id
               GROUP BY e.entity_id, e.id) AS e) AS batch;
  END LOOP;
  INSERT INTO ledger_account_month AS total
    (entity_id, ledger_account_id, currency, month, debits_minor, credits_minor, base_debits_minor, base_credits_minor)
  SELECT entity_id, ledger_account_id, currency, date_trunc('month', dated)::date,
         coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0),
         coalesce(-sum(amount_minor) FILTER (WHERE amount_minor < 0), 0),
         coalesce(sum(base_minor) FILTER (WHERE amount_minor > 0), 0),
         coalesce(-sum(base_minor) FILTER (WHERE amount_minor < 0), 0)
    FROM new_posting GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
  ON CONFLICT (entity_id, ledger_account_id, currency, month) DO UPDATE
    SET debits_minor = total.debits_minor + excluded.debits_minor,
        credits_minor = total.credits_minor + excluded.credits_minor,
        base_debits_minor = total.base_debits_minor + excluded.base_debits_minor,
        base_credits_minor = total.base_credits_minor + excluded.base_credits_minor;
  RETURN NULL;
END $$;

CREATE FUNCTION chain_batch(
  of_entity_id bigint, first_day date, of_batch bigint, entries bigint, lines text, is_sound boolean
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  at timestamptz := transaction_timestamp();
  closed date;
BEGIN
  IF NOT is_sound OR of_batch IS DISTINCT FROM 1 + coalesce(
       (SELECT max(b.batch) FROM ledger_batch AS b WHERE b.entity_id = of_entity_id), 0) THEN
    RAISE EXCEPTION 'the postings do not fit their entries, or batch % is not the one that is due', of_batch
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_batch_is_whole';
  END IF;
  SELECT v.closed_through INTO closed FROM period_event AS v
   WHERE v.entity_id = of_entity_id AND v.action IN ('close', 'reopen') ORDER BY v.number DESC LIMIT 1;
  IF first_day <= closed AND NOT EXISTS (
       SELECT FROM period_event AS v
        WHERE v.entity_id = of_entity_id AND v.action = 'override' AND v.batch = of_batch) THEN
    RAISE EXCEPTION 'the books are closed through %', closed
      USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_entry_period_is_open';
  END IF;
  INSERT INTO ledger_batch (entity_id, batch, entries, sha256, appended_at)
  VALUES (of_entity_id, of_batch, entries, ledger_batch_sha256(of_entity_id, of_batch, entries, at, lines), at);
END $$;
-- Only the trigger calls these.
REVOKE EXECUTE ON FUNCTION chain_batch(bigint, date, bigint, bigint, text, boolean) FROM PUBLIC;

REVOKE INSERT, UPDATE ON ledger_account_month FROM openledger_app;
