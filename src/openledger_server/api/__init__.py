"""The HTTP API: one module per resource, the wire models above the routes that use them. No rules live here."""
