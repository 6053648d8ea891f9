"""Listings and series: what stands behind the statements, posting by posting and day by day."""
