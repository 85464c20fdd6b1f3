"""The SQLite store: one file, opened by any number of connections, threads and processes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import apsw

from fivefold.errors import Unavailable
from fivefold.plan.expr import Expr
from fivefold.plan.statement import Prepared, Statement, Template
from fivefold.stores.contract import Durability, Gaps
from fivefold.stores.sqlite import failures
from fivefold.stores.sqlite.connection import SqliteConnection
from fivefold.stores.sqlite.log import Log
from fivefold.stores.sqlite.names import HEADER, render_template
from fivefold.values.types import BYTEA

if TYPE_CHECKING:
    from fivefold.stores.contract import Connection
    from fivefold.stores.sqlite.encryption import Encryption

START_BYTES = 24  # of the file: enough to say what it is
OPEN_WAIT_MS = 5_000  # another process may be recovering the WAL or switching to it
STATEMENTS_CACHED = 500  # prepared statements kept by each connection
MMAP_BYTES = 1 << 30  # reads come from the page cache without a copy; address space, not memory

_SYNCHRONOUS = {Durability.FULL: "FULL", Durability.NORMAL: "NORMAL", Durability.OFF: "OFF"}


def read_start(path: Path) -> bytes:
    """Return how a file begins; nothing if it is not there, or empty. Raises Unavailable.

    It is read through SQLite, which does not close a file while connections of this process
    have it locked: by POSIX's rules their locks would go, and another process could take the log
    away (sqlite.org/howtocorrupt.html, section 2.2).
    """
    if not path.exists():
        return b""
    try:
        file = apsw.VFSFile(
            "", str(path), [apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_READONLY, 0]
        )
        try:
            return file.xRead(START_BYTES, 0)
        finally:
            file.xClose()
    except apsw.Error as error:
        raise Unavailable(f'cannot read "{path}": {error}', "io_error") from None


class SqliteStore:
    """Data in a SQLite file.

    ``:memory:`` is a file in a temporary folder that goes when the store closes, so that
    snapshots, the writer's lock and every limit are the same as with a file that stays. With a
    ``key`` the file is encrypted (encryption.py).
    """

    gaps = Gaps(
        single_writer=True,
        in_process=True,
        temporary_prefix="pg_temp_",
        transactional_schema=True,
        streams_see_writes=True,
        document=BYTEA,
    )

    def __init__(
        self,
        path: str,
        durability: Durability = Durability.FULL,
        key: str | bytes | None = None,
    ) -> None:
        self._folder: str | None = None
        self._encryption: Encryption | None = None
        if path == ":memory:":
            import tempfile

            self._folder = tempfile.mkdtemp(prefix="fivefold-")
            self.path = Path(self._folder) / "memory.db"
            durability = Durability.OFF
        else:
            self.path = Path(path)
        self.durability = durability
        self.leaves_sync = durability is Durability.FULL
        self.log = Log(self.path, durability)
        self.name = self.path.stem
        try:
            self._check_place()
            start = self._read_start()
            try:
                self._set_up(path, key, start)
            except Unavailable:
                now = self._read_start()
                if start or not now:
                    raise
                self._set_up(path, key, now)  # another process has made it meanwhile, with its salt
        except BaseException:
            self.close()
            raise

    def _set_up(self, path: str, key: str | bytes | None, start: bytes) -> None:
        """Make the file, or see that it is one; it begins with ``start``."""
        if key is not None or start[: len(HEADER)] not in (b"", HEADER):
            self._encryption = self._unlocked(start, key)
        connection = self._open()
        try:
            if self._encryption is not None:
                from fivefold.stores.sqlite.encryption import check_key

                check_key(connection, self.path)
            failures.guarded(connection, "PRAGMA journal_mode = WAL", path)
            failures.guarded(connection, "SELECT count(*) FROM sqlite_schema", path)
        finally:
            connection.close()

    def _unlocked(self, start: bytes, key: str | bytes | None) -> Encryption:
        from fivefold.stores.sqlite import encryption

        if start.startswith(HEADER):
            raise encryption.needless_key(self.path)
        if start and not encryption.is_encrypted(start):
            raise Unavailable(
                f'"{self.path}" is not a fivefold or SQLite database',
                "not_a_store",
                hint="Name a database file, or a file that does not exist yet.",
            )
        if key is None:
            raise encryption.missing_key(self.path)
        return encryption.Encryption(key, start)

    def _check_place(self) -> None:
        if self.path.is_dir():
            raise Unavailable(
                f'"{self.path}" is a folder, not a database file',
                "not_a_store",
                hint="Name a file inside it.",
            )
        if not self.path.parent.is_dir():
            raise Unavailable(
                f'the folder "{self.path.parent}" does not exist',
                "not_a_store",
                hint="Create it, or name another place.",
            )

    def _read_start(self) -> bytes:
        return read_start(self.path)

    def _open(self) -> apsw.Connection:
        try:
            connection = apsw.Connection(str(self.path), statementcachesize=STATEMENTS_CACHED)
        except apsw.CantOpenError:
            raise Unavailable(
                f'cannot open "{self.path}"',
                "io_error",
                hint="Check that the folder and the file may be read and written.",
            ) from None
        connection.set_busy_timeout(OPEN_WAIT_MS)
        if self._encryption is not None:
            self._encryption.unlock(connection)
        return connection

    def connect(self, *, synced: bool = True) -> Connection:
        """Return a new connection. Raises Unavailable if the file cannot be used.

        The log of one that is not ``synced`` is still synced before its pages go to the file, as
        SQLite has it for NORMAL: all that ``full`` does beyond that is what ``sync`` does.
        """
        durability = self.durability if synced or not self.leaves_sync else Durability.NORMAL
        connection = self._open()
        try:
            failures.guarded(
                connection,
                f"PRAGMA synchronous = {_SYNCHRONOUS[durability]};"
                "PRAGMA foreign_keys = ON;"
                f"PRAGMA mmap_size = {0 if self._encryption else MMAP_BYTES}",
                str(self.path),
            )
            self.log.watch(connection)
            return SqliteConnection(connection, self)
        except BaseException:
            connection.close()
            raise

    def line(self) -> None:
        """Return None: a statement by key is run sooner than it could be sent."""

    def sync(self) -> None:
        """Have the system write the log's pages to the disk, as SQLite does at a commit."""
        self.log.sync()

    def leave_log(self, grown: Callable[[], None] | None) -> None:
        """See ``Store``."""
        self.log.leave(grown)

    def shorten_log(self, alone: Callable[[], AbstractContextManager[None]]) -> bool:
        """See ``Store``."""
        connection = self._open()
        try:
            connection.execute(f"PRAGMA synchronous = {_SYNCHRONOUS[self.durability]}")
            return self.log.shorten(connection, alone)
        finally:
            connection.close()

    def prepare(self, statement: Statement) -> Prepared:
        """Render a statement as SQLite's text."""
        source = statement.source
        if isinstance(source, Template):
            return Prepared(statement, render_template(source), statement.writes)
        # Imported only where a tree comes: the models' fixed statements are templates.
        from fivefold.stores.sqlite.render import prepare

        if statement.writes and isinstance(source.args.get("with_"), Expr):
            from fivefold.stores.sqlite import steps

            if steps.is_stepped(statement):
                return steps.prepare(statement, prepare)
        return prepare(statement)

    def close(self) -> None:
        """Remove what a store in memory left; files of others stay as they are."""
        self.log.close()
        if self._folder is not None:
            import shutil

            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
