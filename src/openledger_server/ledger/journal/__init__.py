"""Reading the journal page by page."""
