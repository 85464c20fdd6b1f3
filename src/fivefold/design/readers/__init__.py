"""Readers of schemas, each for one sort of database; they change nothing."""
