"""Who may do what: developers, their API keys, the entities whose books we keep, and access tokens."""
