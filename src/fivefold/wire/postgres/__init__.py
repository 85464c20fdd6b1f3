"""PostgreSQL's protocol 3.0, the server's side of it."""

from fivefold.wire.postgres.machine import PostgresMachine

__all__ = ["PostgresMachine"]
