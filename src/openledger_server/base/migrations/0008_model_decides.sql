-- The shipped model may decide too.

ALTER TABLE categorization DROP CONSTRAINT categorization_decided_by_check;
ALTER TABLE categorization ADD CONSTRAINT categorization_decided_by_check
  CHECK (decided_by IN ('person', 'memory', 'transfer', 'provider', 'model', 'fallback'));
