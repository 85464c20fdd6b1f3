"""Opens the store that a URL names."""

from __future__ import annotations

from fivefold.stores.contract import Durability, Store

POSTGRES_SCHEMES = ("postgresql://", "postgres://")
FILE_SCHEME = "file:"


def open_store(url: str, durability: Durability = Durability.FULL) -> Store:
    """Return the store at ``url``: a path, ``file:path``, ``:memory:`` or ``postgresql://…``.

    Raises Unavailable if it cannot be used. Each store is imported when it is first asked for:
    psycopg alone takes 180 ms.
    """
    if url.startswith(POSTGRES_SCHEMES):
        from fivefold.stores.postgres.store import PostgresStore

        return PostgresStore(url, durability)
    from fivefold.stores.sqlite.store import SqliteStore

    return SqliteStore(url.removeprefix(FILE_SCHEME), durability)
