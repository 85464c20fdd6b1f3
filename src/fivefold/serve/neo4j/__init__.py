"""Neo4j's protocol on the server: queries in, records out."""

from fivefold.serve.neo4j.connection import BoltConnection

__all__ = ["BoltConnection"]
