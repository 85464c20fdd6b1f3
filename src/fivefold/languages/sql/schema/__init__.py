"""Lowers DDL: statements become tuples of catalog changes."""
