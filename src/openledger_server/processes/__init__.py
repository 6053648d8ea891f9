"""Processes beside ours: the embedded PostgreSQL and the children that serve together. Knows nothing of bookkeeping."""
