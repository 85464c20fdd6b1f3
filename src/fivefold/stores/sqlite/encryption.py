"""Encryption of a file: every page of it and of its log, by SQLite3 Multiple Ciphers.

Theory. The cipher is AEGIS-256, which has a tag for each page, so that a page that somebody
changed is an error and not other data. With a processor's instructions for AES to read 14 MB takes
12.6 ms instead of 11.4; ChaCha20, the library's default, takes 20.7, AES-256 in CBC mode,
which has no tag, 15.3. A page's key follows from the file's key, the page's
number and a nonce of its own that is drawn whenever the page is written. What the user gives is
made into the file's key by scrypt, once for each opening of a store, with a salt that
is the file's first 16 bytes. The next eight bytes stay readable, as the library wants them: the
size of pages and the like. All other bytes of the file, and all pages in the log, are
encrypted. Temporary tables and sorts stay in memory, and the file is not mapped into it.

Source: SQLite3 Multiple Ciphers' documentation, "AEGIS family" and "SQL pragmas";
RFC 7914 for scrypt.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

import apsw

from fivefold.errors import InvalidValue, Unavailable
from fivefold.stores.sqlite import failures
from fivefold.stores.sqlite.names import HEADER

SALT_BYTES = 16
START_BYTES = 24
"""Of a file's start: enough to say what it is."""

COST = 1 << 15
"""scrypt's N, with r = 8: 32 MB and a tenth of a second for each guess."""
MEMORY_BYTES_MAX = 1 << 26

_FIXED = bytes((64, 32, 32))
"""The bytes 21 to 23 of any SQLite file: fractions of a page, the same since 2004."""
_TAKEN_BYTES = 64
"""What the cipher takes at the end of each page for its nonce and its tag: byte 20 says so."""


def is_encrypted(start: bytes) -> bool:
    """Say whether a file that begins so, with ``START_BYTES`` of it, is one of ours."""
    return (
        len(start) == START_BYTES
        and not start.startswith(HEADER)
        and start[20] == _TAKEN_BYTES
        and start[21:] == _FIXED
    )


class Encryption:
    """The key of one file."""

    def __init__(self, key: str | bytes, start: bytes) -> None:
        """``start`` is how the file begins, nothing if it is yet to be made."""
        given = key.encode() if isinstance(key, str) else key
        if not given:
            raise InvalidValue("a key cannot be empty")
        self.salt = start[:SALT_BYTES] or secrets.token_bytes(SALT_BYTES)
        made = hashlib.scrypt(
            given, salt=self.salt, n=COST, r=8, p=1, maxmem=MEMORY_BYTES_MAX, dklen=32
        )
        self._key = f"raw:{made.hex()}{self.salt.hex()}"

    def unlock(self, connection: apsw.Connection) -> None:
        """Give a new connection the key; whether it is the right one its first read says."""
        self._give(connection, "key")
        connection.execute("PRAGMA temp_store = MEMORY")

    def change(self, connection: apsw.Connection) -> None:
        """Have all pages of an open file be encrypted with this key instead."""
        self._give(connection, "rekey")

    def _give(self, connection: apsw.Connection, pragma: str) -> None:
        connection.execute("PRAGMA cipher = 'aegis'")
        connection.execute("PRAGMA algorithm = 'aegis-256'")
        connection.execute(f"PRAGMA {pragma} = '{self._key}'", can_cache=False).fetchall()


def check_key(connection: apsw.Connection, path: Path) -> None:
    """Raise Unavailable unless the connection can read what is in the file."""
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except apsw.NotADBError:
        raise Unavailable(
            f'this is not the key of "{path}", or the file is damaged',
            "not_a_store",
            hint="Give the key that it was made with.",
        ) from None
    except apsw.Error as error:
        raise failures.translate(error, str(path)) from None


def missing_key(path: Path) -> Unavailable:
    """Return the error for an encrypted file that is opened without a key."""
    return Unavailable(
        f'"{path}" is encrypted',
        "not_a_store",
        hint="Give its key: key=… in a program, --key-file, or FIVEFOLD_KEY_FILE or FIVEFOLD_KEY "
        "in the environment.",
    )


def needless_key(path: Path) -> Unavailable:
    """Return the error for a file that is not encrypted and is opened with a key."""
    return Unavailable(
        f'"{path}" is not encrypted, and a key was given',
        "not_a_store",
        hint="Open it without a key. A key encrypts a file that is made with it.",
    )


def key_from_environment() -> bytes | None:
    """Return the key that FIVEFOLD_KEY_FILE names or FIVEFOLD_KEY holds. Raises Unavailable."""
    path = os.environ.get("FIVEFOLD_KEY_FILE", "")
    if path:
        return read_key_file(path)
    key = os.environ.get("FIVEFOLD_KEY", "")
    return os.fsencode(key) if key else None


def read_key_file(path: str) -> bytes:
    """Return the key in a file: all its bytes, but for a line's end after them."""
    try:
        given = Path(path).read_bytes()
    except OSError as error:
        raise Unavailable(
            f'cannot read the key file "{path}": {error.strerror}', "io_error"
        ) from None
    key = given.removesuffix(b"\n").removesuffix(b"\r")
    if not key:
        raise Unavailable(f'the key file "{path}" is empty', "not_a_store")
    return key
