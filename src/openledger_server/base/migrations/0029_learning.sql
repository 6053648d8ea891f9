-- the newest choices of an entity's people, from which the next ones are guessed
CREATE INDEX categorization_by_person ON categorization (entity_id, decided_at DESC) WHERE decided_by = 'person';
