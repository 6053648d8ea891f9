"""Closed periods: through which day an entity's books are closed, who closed or reopened them, and why."""
