"""Cassandra's protocol on the server: statements in, rows out, many at a time."""

from fivefold.serve.cassandra.connection import CassandraConnection

__all__ = ["CassandraConnection"]
