"""What is left of a damaged file, row by row, into a new one.

The damaged file is copied with its log and never written to. Of the copy each table's tree is
walked from its root, page by page (``trees``): a page that makes no sense is lost with the rows
that were in it, and the rows before and after it tell between which keys they were. Where an inner
page is lost, the leaves below it are found again among the pages that nobody refers to and that are
not free, if they can only be of that table. Indexes are not read but made anew, and SQLite holds
the rows against all constraints while they are put into the new file.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence as Rows
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

from fivefold.catalog import codec
from fivefold.catalog.containers import Sequence, View
from fivefold.errors import FivefoldError, InvalidState, Unavailable
from fivefold.models.keyvalue import layout as keyvalue
from fivefold.stores.sqlite import schema
from fivefold.stores.sqlite.connection import SqliteConnection
from fivefold.stores.sqlite.encryption import Encryption, is_encrypted, missing_key
from fivefold.stores.sqlite.names import OWN_PREFIX, quote, table_name
from fivefold.stores.sqlite.pages import LEAF_INDEX, LEAF_TABLE, Damaged, Page, Pages, record
from fivefold.stores.sqlite.store import SqliteStore, read_start
from fivefold.stores.sqlite.trees import Lost, Row, Tree, Trees, Values, fits, tree_of

COPY = "-salvaging"
"""Ends the name of the folder, beside the new file, with the copy of the damaged one."""

INDEX_COLUMNS_MAX = 2_000
"""Of an index with what it adds; SQLite's limit."""


@dataclass(slots=True)
class Salvaged:
    """What came of it: rows by table, and what was lost."""

    rows: dict[str, int] = field(default_factory=dict)
    lost: list[Lost] = field(default_factory=list)


def salvage(damaged: str, new: str, key: str | bytes | None) -> Salvaged:
    """Put all rows of ``damaged`` that can be read into the file ``new``, and return what was lost.

    The new file has the same key. Raises Unavailable if there is nothing to read, or it is there.
    """
    source, target = Path(damaged), Path(new)
    if not source.is_file():
        raise Unavailable(f'there is no "{source}"', "not_a_store")
    if target.exists():
        raise InvalidState(f'"{target}" is there already', "object_in_use", hint="Name a new file.")
    start = read_start(source)
    if key is None and is_encrypted(start):
        raise missing_key(source)
    folder = target.with_name(target.name + COPY)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        copy = folder / "copy.db"
        for ending in ("", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{source}{ending}", f"{copy}{ending}")
        encryption = None if key is None else Encryption(key, start)
        return _Salvage(copy, encryption, target, key).run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Salvage:
    """One run."""

    def __init__(
        self, copy: Path, encryption: Encryption | None, target: Path, key: str | bytes | None
    ) -> None:
        self._copy, self._encryption = copy, encryption
        self._target, self._key = target, key
        self._done = Salvaged()
        self._knows_all = True  # of which tables there are

    def run(self) -> Salvaged:
        self._put_log_in()
        source = self._opened(apsw.SQLITE_OPEN_READONLY)
        try:
            self._pages = Pages(source, os.path.getsize(self._copy))
            self._trees = Trees(self._pages)
            if self._encryption is not None and not any(
                self._is_readable(number) for number in range(1, self._pages.count + 1)
            ):
                raise Unavailable(
                    "no page can be decrypted: this is not the key, or nothing is left",
                    "not_a_store",
                    hint="Give the key that the file was made with.",
                )
            store = SqliteStore(str(self._target), key=self._key)
            connection = store.connect()
            assert isinstance(connection, SqliteConnection)
            connection.register_functions()
            self._raw = connection.raw
            self._raw.execute("PRAGMA foreign_keys = OFF")
            try:
                self._fill()
            finally:
                connection.close()
                store.close()
        finally:
            source.close(True)
        return self._done

    def _is_readable(self, number: int) -> bool:
        try:
            self._pages.raw(number)
        except Damaged:
            return False
        return True

    def _opened(self, flags: int) -> apsw.Connection:
        connection = apsw.Connection(str(self._copy), flags=flags)
        if self._encryption is not None:
            self._encryption.unlock(connection)
            with suppress(apsw.Error):  # so that it knows how large pages are
                connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        return connection

    def _put_log_in(self) -> None:
        """Have the copy's log be put into it, as far as that goes."""
        if not os.path.exists(f"{self._copy}-wal"):
            return
        connection = self._opened(apsw.SQLITE_OPEN_READWRITE)
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except apsw.Error as error:
            self._lose("", f"the log cannot be put into the file, its changes are lost: {error}")
        finally:
            connection.close(True)

    def _lose(self, table: str, reason: str, **where: Any) -> None:
        self._done.lost.append(Lost(table, reason, **where))

    def _fill(self) -> None:
        """Make all tables, put the rows in, then make what is on top of them."""
        listed = self._schema()
        tables = []
        for kind, name, _, root, text in listed:
            if kind == "table" and not name.startswith("sqlite_") and self._made(name, text):
                tables.append(tree_of(self._raw, name, root))
        self._raw.execute("BEGIN")
        inner_lost: list[Tree] = []
        for table in tables:
            if self._put_rows(table):
                inner_lost.append(table)
        others = self._other_trees(listed)
        if self._knows_all:
            if inner_lost:
                self._put_strays(inner_lost, others)
        else:  # a leaf may be of a table that nothing tells of any more
            self._put_strays([], [])
        self._raw.execute("COMMIT")
        for wanted in ("index", "view", "trigger"):
            for kind, name, _, _, text in listed:
                if kind == wanted and text:
                    self._made(name, text)
        self._complete()

    def _complete(self) -> None:
        """Have fivefold's own tables hold what they need, if the file has any of them."""
        if not any(name.startswith(OWN_PREFIX) for name in self._done.rows):
            return
        self._raw.execute(schema.OWN_TABLES)
        for number in range(keyvalue.DATABASES):
            self._describe_keys(number)
        self._raw.execute(
            "INSERT OR IGNORE INTO fivefold_namespaces SELECT namespace FROM fivefold_containers"
        )
        numbers = "SELECT namespace, name FROM fivefold_sequences"
        known = set(self._raw.execute(numbers).fetchall())
        rows: list[tuple[Any, ...]] = self._raw.execute(
            "SELECT definition FROM fivefold_containers"
        ).fetchall()
        for (definition,) in rows:
            with suppress(FivefoldError):
                container = codec.decode(definition)
                place = (container.namespace, container.name)
                if isinstance(container, Sequence) and place not in known:
                    self._number_anew(container)

    def _describe_keys(self, number: int) -> None:
        """Have the catalog know the tables of a database of Redis's: they are always alike."""
        space = keyvalue.namespace(number)
        tables = {one.name: table_name(space, one.name) for one in keyvalue.containers(number)}
        if not any(name in self._done.rows for name in tables.values()):
            return
        known = "SELECT name FROM fivefold_containers WHERE namespace = ?"
        described = {name for (name,) in self._raw.execute(known, (space,))}
        missing = [one for one in keyvalue.containers(number) if one.name not in described]
        for container in missing:
            if tables[container.name] in self._done.rows or isinstance(container, View):
                schema.record(self._raw, container)
            else:
                schema.create(self._raw, container, keyvalue.BOUND)
        if missing:
            schema.stamp(self._raw)

    def _number_anew(self, sequence: Sequence) -> None:
        """Have a sequence whose number is lost go on after the column that draws from it."""
        highest = None
        if sequence.owner is not None:
            table, column = sequence.owner
            with suppress(apsw.Error):
                name = quote(table_name(sequence.namespace, table))
                highest = self._raw.execute(f"SELECT max({quote(column)}) FROM {name}").get
        last = highest if isinstance(highest, int) else sequence.start
        self._raw.execute(
            "INSERT INTO fivefold_sequences VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(sequence.namespace, sequence.name, last, int(isinstance(highest, int))),
                *(sequence.increment, sequence.minimum, sequence.maximum, int(sequence.cycle)),
            ),
        )
        self._lose("fivefold_sequences", f"the number of {sequence.name} is made from its column")

    def _made(self, name: str, text: str | None) -> bool:
        try:
            self._raw.execute(text or "")
        except Exception as error:  # any: indexes run functions of ours over what is left
            self._lose(name, f"cannot be made anew: {error}")
            return False
        return text is not None

    # The schema

    def _schema(self) -> list[tuple[str, str, str, int, str | None]]:
        """Return the rows of sqlite_schema that can be read."""
        table = Tree("sqlite_schema", 1, tuple((one, True) for one in "abcde"), 0, "rowid", None)
        found, lost = [], False
        for event in self._trees.walk(table):
            if isinstance(event, Lost):
                lost = True
                self._lose("", f"{event.reason}: the tables that it tells of", page=event.page)
            else:
                found.append(event[1])
        self._knows_all = not lost
        if lost:  # its other leaves are known by what they hold
            for number in range(1, self._pages.count + 1):
                page = None if number in self._trees.seen else self._trees.leaf(number, LEAF_TABLE)
                rows = [] if page is None else [self._trees.row(table, cell) for cell in page.cells]
                if rows and all(row is not None and _is_of_schema(row[1]) for row in rows):
                    self._trees.seen.add(number)
                    found += [row[1] for row in rows if row is not None]
        return [
            (str(kind), str(name), str(of), int(root or 0), None if text is None else str(text))
            for kind, name, of, root, text in (row for row in found if _is_of_schema(row))
        ]

    # Rows

    def _put_rows(self, table: Tree) -> bool:
        """Put a table's rows into the new file; say whether leaves of it may be found elsewhere."""
        lost: list[Lost] = []
        last: Values | None = None
        waiting: list[Lost] = []  # for the next key
        for event in self._trees.walk(table):
            if isinstance(event, Lost):
                waiting.append(
                    event
                    if event.after is not None
                    else Lost(table.name, event.reason, event.page, last)
                )
                continue
            key = table.key_of(event)
            lost += [Lost(one.table, one.reason, one.page, one.after, key) for one in waiting]
            waiting.clear()
            last = key
            self._put(table, event, key)
        self._done.lost += lost + waiting
        self._done.rows.setdefault(table.name, 0)
        return self._trees.lacks_inner

    def _put(self, table: Tree, row: Row, key: Values) -> None:
        rowid, values = row
        names, given = [], []
        for place, ((name, writable), value) in enumerate(zip(table.columns, values, strict=False)):
            if writable:
                names.append(quote(name))
                given.append(rowid if place == table.alias else value)
        if table.rowid is not None and table.alias is None:
            names.append(table.rowid)
            given.append(rowid)
        text = f"INSERT INTO {quote(table.name)} ({', '.join(names)}) VALUES"
        try:
            self._raw.execute(f"{text} ({', '.join('?' * len(given))})", given)
        except Exception as error:  # any: checks run functions of ours over what is left
            self._lose(table.name, f"the row is refused: {error}", after=key)
            return
        self._done.rows[table.name] = self._done.rows.get(table.name, 0) + 1

    # Leaves that nothing leads to

    def _other_trees(
        self, listed: Rows[tuple[str, str, str, int, str | None]]
    ) -> list[tuple[int, int]]:
        """Walk the trees of indexes; return (kind, columns) of those that lack leaves."""
        missing = []
        for kind, name, _, root, _ in listed:
            if kind == "table" and name.startswith("sqlite_"):
                tree = Tree(name, root, (("", True),) * 100, 0, None, None)
            elif kind == "index":
                tree = Tree(name, root, (("", True),) * INDEX_COLUMNS_MAX, 1, None, None)
            else:
                continue
            widths = {
                len(event[1]) for event in self._trees.walk(tree) if not isinstance(event, Lost)
            }
            if self._trees.lacks_inner:  # without any row left, its leaves may be of any width
                missing += [(tree.leaf, width) for width in widths or range(INDEX_COLUMNS_MAX)]
        return missing

    def _put_strays(self, tables: list[Tree], others: list[tuple[int, int]]) -> None:
        """Put the rows of leaves that nothing leads to into the one table that they can be of."""
        try:
            free = self._pages.free()
        except Damaged as error:  # what is free may have been deleted: it is not taken for rows
            self._lose("", f"{error}: leaves that nothing leads to are not looked for")
            return
        for number in range(1, self._pages.count + 1):
            if number in self._trees.seen or number in free:
                continue
            for kind in (LEAF_TABLE, LEAF_INDEX):
                page = self._trees.leaf(number, kind)
                if page is not None:
                    self._put_stray(number, page, tables, others)

    def _put_stray(
        self, number: int, page: Page, tables: list[Tree], others: list[tuple[int, int]]
    ) -> None:
        try:
            rows = [(cell.rowid, record(cell.payload or b"")) for cell in page.cells]
        except Damaged:
            self._lose("", f"page {number}, of which nothing says whose it is, makes no sense")
            return
        fitting = [
            table
            for table in tables
            if table.leaf == page.kind and all(fits(values, table) for _, values in rows)
        ]
        of_index = any((page.kind, len(values)) in others for _, values in rows)
        if of_index and not fitting:
            return  # an index, which is made anew
        if len(fitting) != 1 or of_index:
            message = f"page {number} has {len(rows)} rows of which nothing says whose they are"
            self._lose("", message, page=number)
            return
        self._trees.see(number, page)
        for row in rows:
            self._put(fitting[0], row, fitting[0].key_of(row))


def _is_of_schema(row: Values) -> bool:
    """Say whether a row is one of sqlite_schema."""
    return (
        len(row) == 5
        and row[0] in ("table", "index", "view", "trigger")
        and isinstance(row[1], str)
        and isinstance(row[2], str)
        and isinstance(row[3], int)
        and (row[4] is None or isinstance(row[4], str))
    )
