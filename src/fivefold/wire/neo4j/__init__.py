"""Bolt 4.4 and 5.0 to 5.8 with PackStream, as Neo4j's drivers speak them."""

from fivefold.wire.neo4j.machine import BoltMachine

__all__ = ["BoltMachine"]
