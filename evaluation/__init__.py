"""Measures the categorisation model and the owner's learner. Not part of the installed package."""
