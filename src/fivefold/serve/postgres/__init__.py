"""PostgreSQL's protocol on the server: messages in, what the SQL session says of them out."""

from fivefold.serve.postgres.connection import PostgresConnection

__all__ = ["PostgresConnection"]
