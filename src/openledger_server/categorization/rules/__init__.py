"""An entity's own rules: conditions on what the bank said, tried in order, and what they make of a row."""
