"""Names of the models' tables, which PostgreSQL has to be able to hold."""

from __future__ import annotations

from hashlib import blake2b

TABLE_BYTES_MAX = 58
"""PostgreSQL's names have 63 bytes, and that of a table's key is longer by ``_pkey``."""


def short(name: str) -> str:
    """Return a table's name; a longer one ends with a hash of the whole."""
    raw = name.encode()
    if len(raw) <= TABLE_BYTES_MAX:
        return name
    digest = blake2b(raw, digest_size=8).hexdigest()
    kept = raw[: TABLE_BYTES_MAX - len(digest) - 1].decode(errors="ignore")
    return f"{kept}${digest}"
