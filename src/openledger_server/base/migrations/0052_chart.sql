-- Charts of accounts that people shape: what an account stands for whatever it is called and numbered, accounts that take
-- no more postings, accounts that became part of another.

ALTER TABLE ledger_account
  -- the numbers of the standard chart that this account stands for; the bank data's categories are mapped to those
  ADD COLUMN standard_codes integer[] NOT NULL DEFAULT '{}',
  ADD COLUMN description text NOT NULL DEFAULT '' CHECK (length(description) <= 1000),
  -- chosen for nothing from then on; what was posted stays
  ADD COLUMN archived_at timestamptz,
  -- the account that took over what was posted here
  ADD COLUMN merged_into_id bigint,
  ADD CONSTRAINT ledger_account_merged_into_exists FOREIGN KEY (entity_id, merged_into_id)
    REFERENCES ledger_account (entity_id, id),
  ADD CONSTRAINT ledger_account_merged_is_archived CHECK (merged_into_id IS NULL OR archived_at IS NOT NULL),
  ADD CONSTRAINT ledger_account_with_a_role_is_open CHECK (system_role IS NULL OR archived_at IS NULL);
-- Accounts of the template came into being together with their entity.
UPDATE ledger_account AS a SET standard_codes = ARRAY[a.code]
  FROM entity AS e WHERE e.id = a.entity_id AND a.created_at = e.created_at;
-- what an archive or a merge has to look at
CREATE INDEX categorization_by_ledger_account ON categorization (entity_id, ledger_account_id);

ALTER TABLE entity
  -- the chart its books began with
  ADD COLUMN chart_template text NOT NULL DEFAULT 'general' CHECK (chart_template ~ '^[a-z]{1,40}$');
