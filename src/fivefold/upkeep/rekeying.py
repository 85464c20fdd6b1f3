"""``fivefold rekey``: another key for a store, or its first one, or none."""

from __future__ import annotations

from pathlib import Path

from fivefold.errors import InvalidValue, Unsupported
from fivefold.stores.open import FILE_SCHEME, POSTGRES_SCHEMES


def rekey(url: str, new: str | bytes | None, old: str | bytes | None = None) -> None:
    """Have the store at ``url`` be encrypted with ``new``, or with nothing if that is None.

    ``old`` is the key that it has; without one it is looked for in the environment if the file is
    encrypted. Raises Unavailable, InvalidState while somebody has it open, Unsupported for a store
    that is not a file.
    """
    if url.startswith(POSTGRES_SCHEMES) or url == ":memory:":
        raise Unsupported(
            "a key is for a file, and this store is none",
            hint="Encrypt the disk on which PostgreSQL keeps its data.",
        )
    if new is not None and not new:
        raise InvalidValue("a key cannot be empty")
    from fivefold.stores.sqlite import encryption, rekeying
    from fivefold.stores.sqlite.store import read_start

    path = Path(url.removeprefix(FILE_SCHEME))
    if old is None and encryption.is_encrypted(read_start(path)):
        old = encryption.key_from_environment()
    rekeying.rekey(path, old, new)


def new_key(path: str) -> bytes:
    """Return the key in a file. Raises Unavailable."""
    from fivefold.stores.sqlite.encryption import read_key_file

    return read_key_file(path)
