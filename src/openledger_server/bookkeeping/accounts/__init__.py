"""What points to a ledger account, and moving it all to another one."""
