-- The same checks and the same digests as before, with postings put together before their entries are looked up.

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
  FOR one IN SELECT e.id AS entity_id, e.base_currency FROM entity AS e
              WHERE e.id IN (SELECT p.entity_id FROM new_posting AS p) ORDER BY e.id LOOP
    -- Writers of one entity's books take turns; most hold them already.
    PERFORM id FROM entity WHERE id = one.entity_id FOR NO KEY UPDATE;
    PERFORM chain_batch(one.entity_id, first_day, last_batch, entries, lines, is_sound) FROM (
      SELECT min(e.dated) AS first_day, max(e.batch) AS last_batch, count(*) AS entries,
             string_agg(journal_entry_line(e, g.lines), E'\n' ORDER BY e.id) AS lines,
             min(e.batch) = max(e.batch)
             AND bool_and(g.first_day = e.dated AND g.last_day = e.dated AND g.is_valued) AS is_sound
        FROM (SELECT p.journal_entry_id, min(p.dated) AS first_day, max(p.dated) AS last_day,
                     bool_and(CASE WHEN p.currency = one.base_currency THEN p.base_minor = p.amount_minor
                                   ELSE p.rate IS NOT NULL END) AS is_valued,
                     json_agg(json_build_array(p.line, p.ledger_account_id, p.amount_minor, p.currency, p.base_minor,
                                               p.rate::text) ORDER BY p.line) AS lines
                FROM new_posting AS p WHERE p.entity_id = one.entity_id GROUP BY p.journal_entry_id) AS g
        JOIN journal_entry AS e ON e.entity_id = one.entity_id AND e.id = g.journal_entry_id) AS batch;
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
