"""Indexes and materialized views filled with the rows that are there when they are made."""
