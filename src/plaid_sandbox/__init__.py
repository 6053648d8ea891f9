"""A local Plaid for tests and demos: HTTP API, Link script and dialog, control endpoints."""
