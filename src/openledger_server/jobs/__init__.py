"""Background entry points: what the queue and the clock start. No rules here, only calls of workflows."""
