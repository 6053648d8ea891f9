-- The server says that it is not ready while migrations are missing, so its role may see which ones there are.
GRANT SELECT ON schema_migration TO openledger_app;
