"""Another key for a file: a copy that is encrypted with it takes the file's place.

SQLite3 Multiple Ciphers can change the key of a file in place (``PRAGMA rekey``), but a journal
that is left of it has pages of both keys, and nothing says which. So a copy is made beside the
file, its key is changed without any journal, it is read from end to end and synced, and then
renamed: at every moment there is one whole file of the name, with the old key or the new one. While
that goes on the file is locked as SQLite locks it, and who has it open keeps it from beginning.

Who opens the file meanwhile waits for that lock, and would get what is nobody's any more once the
copy has taken its name. So what was the file is made unreadable before it is let go.

Source: sqlite.org/lockingv3.html; sqlite.org/howtocorrupt.html, section 2.2 (a lock goes with any
descriptor of the file that the process closes); SQLite3 Multiple Ciphers, "PRAGMA rekey".
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import apsw

from fivefold.errors import InvalidState, Limit, Unavailable, Unsupported
from fivefold.stores.sqlite import failures
from fivefold.stores.sqlite.encryption import Encryption, check_key
from fivefold.stores.sqlite.store import SqliteStore, read_start

COPY = "-rekeying"
"""Ends the name of the copy. One that is left over is removed by the next ``rekey``."""

COPIED_BYTES = 1 << 20


def rekey(path: Path, old: str | bytes | None, new: str | bytes | None) -> None:
    """Have a file be encrypted with ``new``, or with nothing if that is None.

    ``old`` is the key that it has, None if it has none. Raises Unavailable for another one,
    InvalidState if somebody has the file open. Whatever happens, one of both keys opens it.
    """
    path = Path(os.path.realpath(path))
    if not path.exists():
        raise Unavailable(f'there is no "{path}"', "not_a_store")
    if path.stat().st_nlink > 1:
        raise Unsupported(
            f'"{path}" has another name too (a hard link), which would keep the old key',
            hint="Remove the other name.",
        )
    SqliteStore(str(path), key=old).close()  # says what is wrong with the key or the file
    connection = _alone(path, None if old is None else Encryption(old, read_start(path)))
    try:
        with path.open("r+b") as file:
            _replace(path, file, old, new)
    finally:
        connection.close(True)


def _alone(path: Path, encryption: Encryption | None) -> apsw.Connection:
    """Return a connection that nobody else's can be beside, with the log put into the file."""
    connection = _opened(path, encryption)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        mode = connection.execute("PRAGMA journal_mode = DELETE").get
        connection.execute("BEGIN EXCLUSIVE")
        if mode != "delete" or connection.execute("PRAGMA journal_mode").get != "delete":
            raise apsw.BusyError
    except apsw.BusyError:
        connection.close(True)
        raise InvalidState(
            f'"{path}" is open in another program',
            "object_in_use",
            hint="Stop the server, or close the program, that has it open.",
        ) from None
    except apsw.Error as error:
        connection.close(True)
        raise failures.translate(error, str(path)) from None
    return connection


def _opened(path: Path, encryption: Encryption | None) -> apsw.Connection:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    if encryption is not None:
        encryption.unlock(connection)
    return connection


def _replace(path: Path, file: BinaryIO, old: str | bytes | None, new: str | bytes | None) -> None:
    """Put a copy with the new key in the file's place."""
    copy = path.with_name(path.name + COPY)
    try:
        _copy(file, copy)
        _change(copy, None if old is None else Encryption(old, read_start(copy)), new)
        _look_through(copy, new)
        _sync(copy)
        os.replace(copy, path)
    except BaseException as error:
        with suppress(OSError):
            copy.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _no_copy(path, error) from None
        raise
    _sync(path.parent)
    _spoil(file)


def _copy(file: BinaryIO, copy: Path) -> None:
    """Copy the file, which stays open: to close it here would unlock it."""
    copy.unlink(missing_ok=True)
    for ending in ("-wal", "-shm", "-journal"):
        copy.with_name(copy.name + ending).unlink(missing_ok=True)
    with copy.open("xb") as target:
        os.fchmod(target.fileno(), os.fstat(file.fileno()).st_mode & 0o777)
        file.seek(0)
        shutil.copyfileobj(file, target, COPIED_BYTES)


def _change(copy: Path, encryption: Encryption | None, new: str | bytes | None) -> None:
    """Give the copy its key. No journal: if it fails, the copy is thrown away."""
    connection = _opened(copy, encryption)
    try:
        connection.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        if new is None:
            connection.execute("PRAGMA rekey = ''")
        else:
            Encryption(new, b"").change(connection)
    except apsw.Error as error:
        raise failures.translate(error, str(copy)) from None
    finally:
        connection.close(True)


def _look_through(copy: Path, new: str | bytes | None) -> None:
    """Read the copy from end to end with its new key."""
    start = read_start(copy)
    connection = _opened(copy, None if new is None else Encryption(new, start))
    try:
        check_key(connection, copy)
        said = connection.execute("PRAGMA quick_check(1)").fetchall()
    except apsw.Error as error:
        raise failures.translate(error, str(copy)) from None
    finally:
        connection.close(True)
    if said != [("ok",)]:
        raise Unavailable(
            f"the file is damaged: {said[0][0]}",
            "store_corrupt",
            hint="See fivefold check, and fivefold salvage. The key is what it was.",
        )


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _spoil(file: BinaryIO) -> None:
    """Have nobody take what was the file, whose name it has lost, for a database."""
    if os.fstat(file.fileno()).st_nlink == 0:
        file.seek(0)
        file.write(b"\xff" * 100)
        file.flush()


def _no_copy(path: Path, error: OSError) -> Limit | Unavailable:
    import errno

    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Limit(
            f'no space for a copy of "{path}" beside it',
            "disk_full",
            hint="Free as much as the file has, then try again. The key is what it was.",
        )
    return Unavailable(f'cannot copy "{path}": {error.strerror}', "io_error")
