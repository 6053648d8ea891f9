"""Exchange rates: what one unit of another currency is worth in an entity's base currency, day by day."""
