"""Keyspaces, tables, types, indexes and materialized views: their definitions, and DESCRIBE.

Source: "Data Definition (DDL)", "Secondary Indexes" and "Materialized Views" of Cassandra's CQL
reference, version 5.0. What is refused, and in which words, is Cassandra's.
"""
