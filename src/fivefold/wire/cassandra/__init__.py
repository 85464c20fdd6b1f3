"""Versions 3, 4 and 5 of Cassandra's native protocol, as Cassandra 5.0 speaks them."""

from fivefold.wire.cassandra.machine import CassandraMachine

__all__ = ["CassandraMachine"]
