"""Requests that are one however often they are sent."""
