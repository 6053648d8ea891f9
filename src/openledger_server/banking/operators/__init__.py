"""What an operator of the server sees of all tenants' connections."""
