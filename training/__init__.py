"""Builds the shipped categorisation model from the data in this folder. Not part of the installed package."""
