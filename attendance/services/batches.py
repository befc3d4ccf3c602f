"""How many rows one statement is about."""

BATCH = 1000
"""Rows that are stored or named at once; a statement takes only so many parameters."""
