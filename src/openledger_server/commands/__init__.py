"""What the command `openledger` can do, one module per command; cli.py lists them."""
