"""The log of webhooks that were received and verified."""
