-- Debits and credits of each account per day, so that a report which ends in the middle of a month reads at most thirty
-- totals per account and no postings.

CREATE TABLE ledger_account_day (
  -- No foreign keys: only the trigger on postings writes here, and their accounts are checked already.
  entity_id bigint NOT NULL,
  ledger_account_id bigint NOT NULL,
  currency text NOT NULL,
  dated date NOT NULL,
  debits_minor bigint NOT NULL CHECK (debits_minor >= 0),
  credits_minor bigint NOT NULL CHECK (credits_minor >= 0),
  base_debits_minor bigint NOT NULL CHECK (base_debits_minor >= 0),
  base_credits_minor bigint NOT NULL CHECK (base_credits_minor >= 0),
  -- the currency comes last: a report wants all currencies of an account's days, which then lie side by side
  PRIMARY KEY (entity_id, ledger_account_id, dated, currency)
);
ALTER TABLE ledger_account_day ENABLE ROW LEVEL SECURITY;
CREATE POLICY ledger_account_day_is_own ON ledger_account_day USING (entity_id = (SELECT current_entity_id()));
GRANT SELECT ON ledger_account_day TO openledger_app;

-- What was posted before days were kept.
INSERT INTO ledger_account_day (entity_id, ledger_account_id, currency, dated, debits_minor, credits_minor,
                                base_debits_minor, base_credits_minor)
SELECT entity_id, ledger_account_id, currency, dated,
       coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0),
       coalesce(-sum(amount_minor) FILTER (WHERE amount_minor < 0), 0),
       coalesce(sum(base_minor) FILTER (WHERE amount_minor > 0), 0),
       coalesce(-sum(base_minor) FILTER (WHERE amount_minor < 0), 0)
  FROM posting GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 4, 3;

-- As before, and the days are kept too. Postings are summed once, by day; a month gets what its days got.
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
  WITH moved AS MATERIALIZED (
    SELECT entity_id, ledger_account_id, currency, dated,
           coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0)::bigint AS debits_minor,
           coalesce(-sum(amount_minor) FILTER (WHERE amount_minor < 0), 0)::bigint AS credits_minor,
           coalesce(sum(base_minor) FILTER (WHERE amount_minor > 0), 0)::bigint AS base_debits_minor,
           coalesce(-sum(base_minor) FILTER (WHERE amount_minor < 0), 0)::bigint AS base_credits_minor
      FROM new_posting GROUP BY 1, 2, 3, 4
  ), added_to_days AS (
    INSERT INTO ledger_account_day AS total
      (entity_id, ledger_account_id, currency, dated, debits_minor, credits_minor, base_debits_minor, base_credits_minor)
    SELECT entity_id, ledger_account_id, currency, dated, debits_minor, credits_minor, base_debits_minor,
           base_credits_minor
      FROM moved ORDER BY entity_id, ledger_account_id, dated, currency
    ON CONFLICT (entity_id, ledger_account_id, dated, currency) DO UPDATE
      SET debits_minor = total.debits_minor + excluded.debits_minor,
          credits_minor = total.credits_minor + excluded.credits_minor,
          base_debits_minor = total.base_debits_minor + excluded.base_debits_minor,
          base_credits_minor = total.base_credits_minor + excluded.base_credits_minor
  )
  INSERT INTO ledger_account_month AS total
    (entity_id, ledger_account_id, currency, month, debits_minor, credits_minor, base_debits_minor, base_credits_minor)
  SELECT entity_id, ledger_account_id, currency, date_trunc('month', dated)::date, sum(debits_minor),
         sum(credits_minor), sum(base_debits_minor), sum(base_credits_minor)
    FROM moved GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
  ON CONFLICT (entity_id, ledger_account_id, currency, month) DO UPDATE
    SET debits_minor = total.debits_minor + excluded.debits_minor,
        credits_minor = total.credits_minor + excluded.credits_minor,
        base_debits_minor = total.base_debits_minor + excluded.base_debits_minor,
        base_credits_minor = total.base_credits_minor + excluded.base_credits_minor;
  RETURN NULL;
END $$;

-- As before, and the days go too.
CREATE OR REPLACE FUNCTION delete_entity(target_entity_id bigint) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM entity WHERE id = target_entity_id AND developer_id = current_developer_id()) THEN
    RETURN false;
  END IF;
  DELETE FROM booking WHERE entity_id = target_entity_id;
  DELETE FROM opening_balance WHERE entity_id = target_entity_id;
  DELETE FROM categorization WHERE entity_id = target_entity_id;
  DELETE FROM merchant_memory WHERE entity_id = target_entity_id;
  DELETE FROM bank_transaction WHERE entity_id = target_entity_id;
  DELETE FROM sync_run WHERE entity_id = target_entity_id;
  DELETE FROM bank_account WHERE entity_id = target_entity_id;
  DELETE FROM item WHERE entity_id = target_entity_id;
  DELETE FROM ledger_account_day WHERE entity_id = target_entity_id;
  DELETE FROM ledger_account_month WHERE entity_id = target_entity_id;
  DELETE FROM posting WHERE entity_id = target_entity_id;
  DELETE FROM journal_entry WHERE entity_id = target_entity_id;
  DELETE FROM ledger_account WHERE entity_id = target_entity_id;
  DELETE FROM entity WHERE id = target_entity_id;
  RETURN true;
END $$;
