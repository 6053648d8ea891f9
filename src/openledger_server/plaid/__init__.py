"""Plaid as a bank feed: the official client for transport, our own decoding of pages, one turn of the sign."""
