"""Transfers between two currencies: what they gained or lost, realised when both legs are booked."""
