"""Webhooks: those that the provider sends us, as they came; those that we send to developers, and how that went."""
