"""Financial reports, one module each. They read account totals, never postings row by row."""
