-- Closed periods, and bank rows that wait because they cannot be booked yet.

-- What was closed, reopened, or let into a closed period, by whom and why. Append-only; the last 'close' or 'reopen'
-- says through which day the books are closed.
CREATE TABLE period_event (
  entity_id bigint NOT NULL REFERENCES entity (id) ON DELETE CASCADE,
  number integer NOT NULL CHECK (number > 0),
  action text NOT NULL CHECK (action IN ('close', 'reopen', 'override')),
  -- the last closed day from then on; null when nothing is closed
  closed_through date,
  -- the last batch appended before; for an override the batch that was let in
  batch bigint NOT NULL CHECK (batch >= 0),
  -- as what the person acted, e.g. owner, accountant
  role text NOT NULL CHECK (length(role) BETWEEN 1 AND 60),
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
  actor_kind text NOT NULL CHECK (actor_kind IN ('person', 'developer', 'machine')),
  actor_id text NOT NULL CHECK (length(actor_id) BETWEEN 1 AND 100),
  actor_name text NOT NULL CHECK (length(actor_name) <= 200),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (entity_id, number),
  CONSTRAINT period_event_close_names_a_day CHECK (action <> 'close' OR closed_through IS NOT NULL)
);
-- one override lets one batch in
CREATE UNIQUE INDEX period_event_override ON period_event (entity_id, batch) WHERE action = 'override';

-- Why a bank transaction is not booked as it should be: its day is closed, or no exchange rate is known.
CREATE TABLE booking_hold (
  entity_id bigint NOT NULL,
  bank_transaction_id bigint NOT NULL,
  reason text NOT NULL CHECK (reason IN ('period_closed', 'rate_missing')),
  held_at timestamptz NOT NULL,
  PRIMARY KEY (entity_id, bank_transaction_id),
  CONSTRAINT booking_hold_bank_transaction_exists FOREIGN KEY (entity_id, bank_transaction_id)
    REFERENCES bank_transaction (entity_id, id) ON DELETE CASCADE
);

-- Somebody decided that a row whose own day is closed is booked on another day.
CREATE TABLE booking_day (
  entity_id bigint NOT NULL,
  bank_transaction_id bigint NOT NULL,
  post_on date NOT NULL,
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (entity_id, bank_transaction_id),
  CONSTRAINT booking_day_bank_transaction_exists FOREIGN KEY (entity_id, bank_transaction_id)
    REFERENCES bank_transaction (entity_id, id) ON DELETE CASCADE
);

ALTER TABLE period_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking_hold ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking_day ENABLE ROW LEVEL SECURITY;
CREATE POLICY period_event_is_own ON period_event USING (entity_id = (SELECT current_entity_id()));
CREATE POLICY booking_hold_is_own ON booking_hold USING (entity_id = (SELECT current_entity_id()));
CREATE POLICY booking_day_is_own ON booking_day USING (entity_id = (SELECT current_entity_id()));
GRANT SELECT, INSERT ON period_event TO openledger_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON booking_hold, booking_day TO openledger_app;
