"""Notes, descriptions in people's own words, and where the documents of a transaction are."""
