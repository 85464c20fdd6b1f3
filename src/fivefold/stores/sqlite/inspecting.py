"""What is wrong with a file: its pages, indexes beside their rows, foreign keys, the catalog.

SQLite's ``integrity_check`` reads every page. It compares each index with its table both ways,
computes the expressions of indexes again, and holds every row against NOT NULL and CHECK. It
stops where it cannot go on, so a file in which it did is looked at table by table; so is one with
a page that cannot be decrypted, behind which a transaction reads no other. What it says are
sentences, in which trees are known by the pages at which they begin: here they get their names.

Source: sqlite.org/pragma.html, "integrity_check" and "foreign_key_check"; the sentences are those
of ``btree.c`` and ``pragma.c`` of SQLite 3.53.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import apsw

from fivefold.catalog import codec
from fivefold.catalog.catalog import DEFAULT_NAMESPACE
from fivefold.catalog.containers import Sequence, Table
from fivefold.errors import FivefoldError
from fivefold.stores.findings import Fault, Finding
from fivefold.stores.sqlite import reflect
from fivefold.stores.sqlite.ddl import declared
from fivefold.stores.sqlite.names import (
    OWN_PREFIX,
    index_name,
    null_index_name,
    quote,
    rowid_key,
    table_name,
)

MESSAGES_MAX = 10_000
"""Sentences of one ``integrity_check``; after so many nobody reads on."""

BROKEN_KEYS_MAX = 1_000
"""Rows with a broken foreign key that are told one by one; the rest is counted."""

Place = tuple[str, str]

_UNREADABLE = "unable to get the page"
"""Said of a page that the disk does not give, or that is not as it was when it was encrypted."""

_TREE = re.compile(r"(?:Tree|On tree page) (\d+)\b")
_OF_INDEX = re.compile(r"(?:missing from|entries in|entry in|differ from|of) index (.+)")
_OF_COLUMN = re.compile(r"value in (.+)\.[^.]+")
_OF_TABLE = re.compile(r"(?:CHECK constraint failed in|PRIMARY KEY order for) (.+)")


class Inspection:
    """One look at a file, over a connection that has all functions and a transaction open."""

    def __init__(self, raw: apsw.Connection) -> None:
        self._raw = raw
        self._roots: dict[int, str] = {}  # the first page of a tree -> the name of its table
        self._table_of: dict[str, str] = {}  # an index, or a table -> the table
        self._texts: dict[str, str | None] = {}  # a table -> its CREATE TABLE
        self._places: dict[str, Place] = {}  # a table -> the container that it holds

    def findings(self) -> Iterator[Finding]:
        """Yield all that is wrong, as far as can be read."""
        try:
            self._look_around()
        except apsw.Error as error:
            yield Finding(Fault.PAGES, f"the list of tables cannot be read: {error}")
            return
        yield from self._pages()
        yield from self._foreign_keys()
        yield from self._catalog()

    def _look_around(self) -> None:
        rows = self._raw.execute("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema")
        for kind, name, table, root, text in rows:
            if kind in ("table", "index"):
                self._table_of[name] = table
            if root:
                self._roots[root] = name
            if kind == "table":
                self._texts[name] = text
        with suppress(apsw.Error):  # then tables are told by their own names, and why further on
            held = "SELECT store_table, namespace, name FROM fivefold_containers"
            for table, namespace, name in self._rows(held):
                self._places[table] = (namespace, name)

    def _rows(self, text: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        return self._raw.execute(text, parameters).fetchall()

    def _place(self, name: str) -> Place | None:
        """Return the container of a table or an index; None for fivefold's own and SQLite's."""
        table = self._table_of.get(name, name)
        if table.startswith((OWN_PREFIX, "sqlite_")):
            return None
        return self._places.get(table, (DEFAULT_NAMESPACE, table))

    # Pages, indexes, constraints

    def _pages(self) -> Iterator[Finding]:
        lines, error = self._said(f"PRAGMA integrity_check({MESSAGES_MAX})")
        told: dict[Finding, None] = {}
        if error is None and not any(_UNREADABLE in line for line in lines):
            told.update(dict.fromkeys(filter(None, map(self._understood, lines))))
            yield from told
            return
        for name in self._texts:
            self._begin_anew()
            lines, error = self._said(f"PRAGMA integrity_check({quote(name)})")
            if error is not None:
                lines.append(f"cannot be read to the end: {error}")
            for place, line in enumerate(lines):
                unreadable = _UNREADABLE in line
                if unreadable and place + 1 < len(lines):
                    line = f"{line}; what lies behind it was not looked at"
                found = self._understood(line, self._place(name))
                if found is not None:
                    told[found] = None
                if unreadable:
                    break
        self._begin_anew()
        yield from told

    def _said(self, text: str) -> tuple[list[str], Exception | None]:
        """Return the lines of a check, and what ended it before its end."""
        lines: list[str] = []
        try:
            for (said,) in self._raw.execute(text):
                lines += str(said).splitlines()
        except Exception as error:  # any: functions of ours compute indexes, of rows that are wrong
            return lines, error
        return lines, None

    def _begin_anew(self) -> None:
        """Begin another transaction: after a page that cannot be decrypted one reads no other."""
        self._raw.execute("ROLLBACK")
        self._raw.execute("BEGIN")

    def _understood(self, line: str, place: Place | None = None) -> Finding | None:
        if line == "ok" or line.startswith("*** in database"):
            return None
        if found := _TREE.match(line):
            name = self._roots.get(int(found[1]), "")
            if self._table_of.get(name, name) != name:
                line = f"{line} (index {name})"
            elif name.startswith(OWN_PREFIX):
                line = f"{line} (table {name})"
            return Finding(Fault.PAGES, line, self._place(name) if name else place)
        if found := _OF_INDEX.search(line):
            return Finding(Fault.INDEX, line, self._place(found[1]))
        for pattern in (_OF_COLUMN, _OF_TABLE):
            if found := pattern.search(line):
                return Finding(Fault.CONSTRAINT, line, self._place(found[1]))
        return Finding(Fault.PAGES, line, place)

    # Foreign keys

    def _foreign_keys(self) -> Iterator[Finding]:
        for table in self._texts:
            count = 0
            try:
                for _, row, parent, _ in self._raw.execute(
                    f"PRAGMA foreign_key_check({quote(table)})"
                ):
                    count += 1
                    if count <= BROKEN_KEYS_MAX:
                        yield self._broken(table, row, str(parent))
            except apsw.Error as error:
                message = f"cannot be checked to the end: {error}"
                yield Finding(Fault.FOREIGN_KEY, message, self._place(table))
                self._begin_anew()
            if count > BROKEN_KEYS_MAX:
                message = f"so are {count - BROKEN_KEYS_MAX} more rows"
                yield Finding(Fault.FOREIGN_KEY, message, self._place(table))

    def _broken(self, table: str, row: Any, parent: str) -> Finding:
        if table == "fivefold_doubles":
            return self._double(row)
        place = self._place(parent)
        target = ".".join(place) if place else parent
        which = "a row" if row is None else f"row {row}"
        message = f"{which} refers to a row of {target} that is not there"
        return Finding(Fault.FOREIGN_KEY, message, self._place(table))

    def _double(self, number: int) -> Finding:
        """Return the finding for a row that stands twice under a key that is checked late."""
        text = "SELECT namespace, container, name, place FROM fivefold_doubles WHERE number = ?"
        ((namespace, container, name, row),) = self._rows(text, (number,))
        message = f"row {row} has a double under the key {name}"
        return Finding(Fault.CONSTRAINT, message, (namespace, container))

    # The catalog

    def _catalog(self) -> Iterator[Finding]:
        if "fivefold_meta" not in self._texts:
            return
        try:
            yield from self._containers()
        except apsw.Error as error:
            yield Finding(Fault.CATALOG, f"cannot be read to the end: {error}")

    def _containers(self) -> Iterator[Finding]:
        namespaces = {name for (name,) in self._rows("SELECT name FROM fivefold_namespaces")}
        sequences = {
            (namespace, name)
            for namespace, name in self._rows("SELECT namespace, name FROM fivefold_sequences")
        }
        described: set[str] = set()
        rows = self._rows(
            "SELECT namespace, name, definition, store_table, store_text FROM fivefold_containers"
        )
        for namespace, name, definition, stored, text in rows:
            place = (namespace, name)
            if namespace not in namespaces:
                yield Finding(Fault.CATALOG, f"there is no namespace {namespace}", place)
            try:
                container = codec.decode(definition)
                named = (container.namespace, container.name)
            except (FivefoldError, AttributeError) as error:
                yield Finding(Fault.CATALOG, f"its description cannot be read: {error}", place)
                continue
            if named != place:
                said = f"its description is that of {'.'.join(named)}"
                yield Finding(Fault.CATALOG, said, place)
                continue
            if isinstance(container, Table):
                described.add(str(stored))
                for said in self._wrong_of_table(container, stored, text):
                    yield Finding(Fault.CATALOG, said, place)
            elif isinstance(container, Sequence):
                if place not in sequences:
                    yield Finding(Fault.CATALOG, "the sequence has no number", place)
                sequences.discard(place)
        for place in sorted(sequences):
            yield Finding(Fault.CATALOG, "there is a number of a sequence that is not", place)
        yield from self._nobodys(described)
        yield from self._roles()

    def _wrong_of_table(self, table: Table, stored: str | None, text: str | None) -> Iterator[str]:
        expected = table_name(table.namespace, table.name)
        if stored != expected:
            yield f'it lies in the table "{stored}", not in "{expected}"'
            return
        if stored not in self._texts:
            yield f'there is no table "{stored}"'
            return
        if self._texts[stored] != text:
            yield "the table was altered by another program than fivefold"
        shown = self._rows(f"PRAGMA table_xinfo({quote(stored)})")
        there = {row[1]: str(row[2]) for row in shown}
        for column in table.columns:
            if column.name not in there:
                yield f"there is no column {column.name}"
            elif there[column.name] != _declared(table, column.name):
                type_ = _declared(table, column.name)
                yield f"the column {column.name} is {there[column.name]}, not {type_}"
        for name in there.keys() - {column.name for column in table.columns}:
            yield f"there is a column {name} that the catalog has not"
        yield from self._wrong_of_indexes(table)

    def _wrong_of_indexes(self, table: Table) -> Iterator[str]:
        stored = table_name(table.namespace, table.name)
        there = {
            name
            for name, of in self._table_of.items()
            if of == stored and name not in self._texts and not name.startswith("sqlite_")
        }
        for name, needed in _index_names(table).items():
            if name not in self._table_of and needed:
                yield f"there is no index {name}"
            there.discard(name)
        for name in sorted(there):
            yield f"there is an index {name} that the catalog has not"

    def _nobodys(self, described: set[str]) -> Iterator[Finding]:
        """Yield tables in a namespace of fivefold's that nothing describes any more."""
        for name in self._texts:
            namespace, dot, _ = name.partition(".")
            if dot and namespace and name not in described and not name.startswith(OWN_PREFIX):
                message = "there is a table that the catalog has not"
                yield Finding(Fault.CATALOG, message, (DEFAULT_NAMESPACE, name))

    def _roles(self) -> Iterator[Finding]:
        if reflect.ROLES not in self._texts:
            return
        for name, definition in self._rows(f"SELECT name, definition FROM {reflect.ROLES}"):
            try:
                codec.decode_role(definition)
            except FivefoldError as error:
                yield Finding(Fault.CATALOG, f"what is kept of user {name} cannot be read: {error}")


def _declared(table: Table, column: str) -> str:
    """Return the declared type that a column should have."""
    found = table.column(column)
    assert found is not None
    return "INTEGER" if rowid_key(table) == found else declared(found.type)


def _index_names(table: Table) -> Mapping[str, bool]:
    """Return the names that a table's indexes may have, and whether each has to be there."""
    names: dict[str, bool] = {}
    for key in table.keys:
        own = index_name(table.namespace, key.name)
        names[own] = key.deferrable or not key.primary
        nulls = index_name(table.namespace, null_index_name(key.name))
        names[nulls] = key.nulls_not_distinct and not key.deferrable
    for index in table.indexes:
        names[index_name(table.namespace, index.name)] = True
        nulls = index_name(table.namespace, null_index_name(index.name))
        names[nulls] = index.nulls_not_distinct
    return names
