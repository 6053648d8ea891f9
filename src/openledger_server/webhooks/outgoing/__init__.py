"""Webhooks to developers: endpoints, messages, deliveries."""
