-- The books: chart of accounts, append-only journal entries and postings, totals per month.

CREATE TABLE ledger_account (
  entity_id bigint NOT NULL REFERENCES entity (id) ON DELETE CASCADE,
  id bigint NOT NULL,
  code integer NOT NULL CHECK (code BETWEEN 1 AND 999999),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
  type text NOT NULL CHECK (type IN ('ASSET', 'LIABILITY', 'EQUITY', 'REVENUE', 'EXPENSE')),
  subtype text NOT NULL,
  parent_id bigint,
  -- what the system itself uses it for, e.g. transfers_clearing; null for ordinary accounts
  system_role text,
  -- currency of its postings when it stands for one bank account; null when any currency may be posted
  currency text CHECK (currency ~ '^[A-Z]{3}$'),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (entity_id, id),
  CONSTRAINT ledger_account_code_is_unique UNIQUE (entity_id, code),
  CONSTRAINT ledger_account_system_role_is_unique UNIQUE (entity_id, system_role),
  CONSTRAINT ledger_account_parent_exists FOREIGN KEY (entity_id, parent_id) REFERENCES ledger_account (entity_id, id)
);

CREATE TABLE journal_entry (
  entity_id bigint NOT NULL REFERENCES entity (id) ON DELETE CASCADE,
  id bigint NOT NULL,
  dated date NOT NULL,
  -- what this entry records, and which version of it: the key that makes posting twice change nothing
  source_ref text NOT NULL,
  description text NOT NULL,
  -- the entry that this one takes back
  reverses_id bigint,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (entity_id, id),
  CONSTRAINT journal_entry_source_ref_is_unique UNIQUE (entity_id, source_ref),
  -- an entry is taken back at most once
  CONSTRAINT journal_entry_is_reversed_once UNIQUE (entity_id, reverses_id),
  CONSTRAINT journal_entry_reversed_exists FOREIGN KEY (entity_id, reverses_id) REFERENCES journal_entry (entity_id, id)
);

CREATE TABLE posting (
  entity_id bigint NOT NULL,
  journal_entry_id bigint NOT NULL,
  line smallint NOT NULL CHECK (line > 0),
  ledger_account_id bigint NOT NULL,
  -- smallest unit of the currency; debit > 0, credit < 0
  amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  -- the entry's date, repeated so that one index serves an account's page
  dated date NOT NULL,
  PRIMARY KEY (entity_id, journal_entry_id, line),
  CONSTRAINT posting_journal_entry_exists FOREIGN KEY (entity_id, journal_entry_id)
    REFERENCES journal_entry (entity_id, id) ON DELETE CASCADE,
  CONSTRAINT posting_ledger_account_exists FOREIGN KEY (entity_id, ledger_account_id)
    REFERENCES ledger_account (entity_id, id)
);
-- the general ledger page of one account, and totals of a part of a month
CREATE INDEX posting_by_ledger_account ON posting (entity_id, ledger_account_id, dated);

-- Debits and credits of each account per month. Reports read these, so their cost does not grow with history.
CREATE TABLE ledger_account_month (
  entity_id bigint NOT NULL REFERENCES entity (id) ON DELETE CASCADE,
  ledger_account_id bigint NOT NULL,
  currency text NOT NULL,
  month date NOT NULL CHECK (extract(day FROM month) = 1),
  debits_minor bigint NOT NULL CHECK (debits_minor >= 0),
  credits_minor bigint NOT NULL CHECK (credits_minor >= 0),
  PRIMARY KEY (entity_id, ledger_account_id, currency, month),
  CONSTRAINT ledger_account_month_ledger_account_exists FOREIGN KEY (entity_id, ledger_account_id)
    REFERENCES ledger_account (entity_id, id)
);

-- All postings of an entry come in one INSERT: the entry must balance in each currency, and the totals follow.
CREATE FUNCTION post_to_month_totals() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  unbalanced bigint;
BEGIN
  SELECT journal_entry_id INTO unbalanced FROM new_posting
    GROUP BY entity_id, journal_entry_id, currency HAVING sum(amount_minor) <> 0 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'journal entry % does not balance', unbalanced
      USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_entry_balances';
  END IF;
  INSERT INTO ledger_account_month AS total
    (entity_id, ledger_account_id, currency, month, debits_minor, credits_minor)
  SELECT entity_id, ledger_account_id, currency, date_trunc('month', dated)::date,
         coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0),
         coalesce(-sum(amount_minor) FILTER (WHERE amount_minor < 0), 0)
    FROM new_posting GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
  ON CONFLICT (entity_id, ledger_account_id, currency, month) DO UPDATE
    SET debits_minor = total.debits_minor + excluded.debits_minor,
        credits_minor = total.credits_minor + excluded.credits_minor;
  RETURN NULL;
END $$;
CREATE TRIGGER posting_balances_and_totals AFTER INSERT ON posting
  REFERENCING NEW TABLE AS new_posting FOR EACH STATEMENT EXECUTE FUNCTION post_to_month_totals();

ALTER TABLE ledger_account ENABLE ROW LEVEL SECURITY;
ALTER TABLE journal_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE posting ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_account_month ENABLE ROW LEVEL SECURITY;
CREATE POLICY ledger_account_is_own ON ledger_account USING (entity_id = (SELECT current_entity_id()));
CREATE POLICY journal_entry_is_own ON journal_entry USING (entity_id = (SELECT current_entity_id()));
CREATE POLICY posting_is_own ON posting USING (entity_id = (SELECT current_entity_id()));
CREATE POLICY ledger_account_month_is_own ON ledger_account_month USING (entity_id = (SELECT current_entity_id()));

GRANT SELECT, INSERT, UPDATE ON ledger_account TO openledger_app;
-- Append-only: the server's role cannot change or delete what was posted.
GRANT SELECT, INSERT ON journal_entry, posting TO openledger_app;
GRANT SELECT, INSERT, UPDATE ON ledger_account_month TO openledger_app;
