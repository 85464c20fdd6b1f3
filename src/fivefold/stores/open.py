"""Opens the store that a URL names."""

from __future__ import annotations

import os

from fivefold.errors import Unsupported
from fivefold.stores.contract import Durability, Store

POSTGRES_SCHEMES = ("postgresql://", "postgres://")
FILE_SCHEME = "file:"


def open_store(
    url: str, durability: Durability = Durability.FULL, key: str | bytes | None = None
) -> Store:
    """Return the store at ``url``: a path, ``file:path``, ``:memory:`` or ``postgresql://…``.

    ``key`` encrypts a file that is made, and opens one that was made so; without one it is looked
    for in the environment, see ``key_from_environment``. Raises Unavailable if the store cannot be
    used, Unsupported for a key where there is no file. Each store is imported when it is first
    asked for: psycopg alone takes 180 ms.
    """
    if url.startswith(POSTGRES_SCHEMES):
        if key is not None:
            raise Unsupported(
                "a key is for a file, and this store is in PostgreSQL",
                hint="Encrypt the disk on which PostgreSQL keeps its data.",
            )
        from fivefold.stores.postgres.store import PostgresStore

        return PostgresStore(url, durability)
    from fivefold.stores.sqlite.store import SqliteStore

    if key is None and ("FIVEFOLD_KEY" in os.environ or "FIVEFOLD_KEY_FILE" in os.environ):
        from fivefold.stores.sqlite.encryption import key_from_environment

        key = key_from_environment()
    return SqliteStore(url.removeprefix(FILE_SCHEME), durability, key)
