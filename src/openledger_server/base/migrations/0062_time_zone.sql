-- Which day it is for an entity: reports without a period end today, its own today.
ALTER TABLE entity ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC' CHECK (length(time_zone) BETWEEN 1 AND 64);
