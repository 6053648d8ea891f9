"""openledger-server: bank feeds and double-entry bookkeeping that software companies embed."""
