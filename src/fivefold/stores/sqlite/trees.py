"""Trees of a damaged file: the rows of a table in order, and what is lost in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import apsw

from fivefold.stores.sqlite.names import quote
from fivefold.stores.sqlite.pages import (
    INNER_INDEX,
    INNER_TABLE,
    LEAF_INDEX,
    LEAF_TABLE,
    Cell,
    Damaged,
    Page,
    Pages,
    record,
)
from fivefold.values.types import Stored

DEPTH_MAX = 20
"""Levels of a tree; SQLite's own limit, and none of less than 10^20 rows has so many."""

Values = tuple[Stored, ...]


@dataclass(frozen=True, slots=True)
class Lost:
    """What could not be read: of which table, and between which keys (None: an end of it).

    ``page`` is None where a single row was refused; then ``after`` is its own key.
    """

    table: str
    reason: str
    page: int | None = None
    after: Values | None = None
    before: Values | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """A table: how its rows lie in records, and where its tree begins.

    ``columns`` are those of a record, in its order, each with whether it may be written; ``key`` is
    how many of them are the primary key of a table without rowids, 0 of others.
    """

    name: str
    root: int
    columns: tuple[tuple[str, bool], ...]
    key: int
    rowid: str | None  # the name by which it is written; None where there is none
    alias: int | None  # the column that is the rowid, and so null in records
    classes: tuple[type | None, ...] = ()  # of the columns' values; None: any

    @property
    def leaf(self) -> int:
        """The kind of its leaves."""
        return LEAF_INDEX if self.key else LEAF_TABLE

    def key_of(self, row: Row) -> Values:
        """Return what tells a row from others."""
        return row[1][: self.key] if self.key else (row[0],)


Row = tuple[int | None, Values]
"""A rowid, None where there is none, and a record's values."""


class Trees:
    """The trees of one file. ``seen`` are the pages that belong to those that were walked."""

    def __init__(self, pages: Pages) -> None:
        self.seen: set[int] = set()
        self._pages = pages
        self._leaf_depth: int | None = None  # of the tree that was walked last
        self._lost_depths: set[int] = set()

    def walk(self, table: Tree) -> Iterator[Row | Lost]:
        """Yield the rows of a table in order, and what is lost in between."""
        self._leaf_depth = None
        self._lost_depths.clear()
        yield from self._below(table, table.root, 0)

    def _below(self, table: Tree, number: int, depth: int) -> Iterator[Row | Lost]:
        inner = INNER_INDEX if table.key else INNER_TABLE
        try:
            if number in self.seen or depth > DEPTH_MAX:
                raise Damaged(f"page {number} belongs to something else too")
            page = self._pages.page(number)
            if page.kind not in (inner, table.leaf):
                raise Damaged(f"page {number} is of another kind of tree")
            if not table.key and not _ascend(page):
                raise Damaged(f"the rows of page {number} are not in order")
        except Damaged as error:
            self._lost_depths.add(depth)
            yield Lost(table.name, str(error), number)
            return
        self.see(number, page)
        if page.kind == table.leaf:
            self._leaf_depth = depth
        for cell in page.cells:
            if cell.child is not None:
                yield from self._below(table, cell.child, depth + 1)
            if page.kind != INNER_TABLE:
                yield self.row(table, cell) or Lost(
                    table.name,
                    cell.wrong or "a record makes no sense",
                    number,
                    None if cell.rowid is None else (cell.rowid,),
                )
        if page.right is not None:
            yield from self._below(table, page.right, depth + 1)

    @property
    def lacks_inner(self) -> bool:
        """Say whether the tree walked last lost a page that was, or may have been, no leaf."""
        return any(depth != self._leaf_depth for depth in self._lost_depths)

    def see(self, number: int, page: Page) -> None:
        """Take note of a page and those that its cells go on in."""
        self.seen.add(number)
        self.seen.update(self._pages.overflow_pages(number, page.kind))

    def row(self, table: Tree, cell: Cell) -> Row | None:
        """Return the row in a cell, None if there is none that fits the table."""
        if cell.payload is None:
            return None
        try:
            values = record(cell.payload)
        except Damaged:
            return None
        return (cell.rowid, values) if len(values) <= len(table.columns) else None

    def leaf(self, number: int, kind: int) -> Page | None:
        """Return a leaf of that kind with something in it, None if the page is none."""
        try:
            page = self._pages.page(number)
        except Damaged:
            return None
        return page if page.kind == kind and page.cells else None


def tree_of(raw: apsw.Connection, name: str, root: int) -> Tree:
    """Return how a table that was made anew keeps its rows."""
    shown: list[tuple[Any, ...]] = raw.execute(f"PRAGMA table_xinfo({quote(name)})").fetchall()
    columns = [row for row in shown if row[6] != 2]
    listed: list[tuple[Any, ...]] = raw.execute("PRAGMA table_list").fetchall()
    without = any(row[1] == name and row[4] for row in listed)
    writable = {row[1]: row[6] == 0 for row in columns}
    types = {row[1]: row[2] for row in columns}
    if without:
        indexes = raw.execute(f"PRAGMA index_list({quote(name)})").fetchall()
        (primary,) = [row[1] for row in indexes if row[3] == "pk"]
        parts: list[tuple[Any, ...]] = raw.execute(
            f"PRAGMA index_xinfo({quote(str(primary))})"
        ).fetchall()
        order = tuple((part[2], writable[part[2]]) for part in parts)
        classes = tuple(_class(types[part[2]]) for part in parts)
        keys_count = sum(bool(part[5]) for part in parts)
        return Tree(name, root, order, keys_count, None, None, classes)
    taken = {row[1].lower() for row in shown}
    rowid = next((one for one in ("rowid", "_rowid_", "oid") if one not in taken), None)
    keys = [place for place, row in enumerate(columns) if row[5]]
    alias = None
    if len(keys) == 1 and str(columns[keys[0]][2]).upper() == "INTEGER":
        alias = keys[0]
    order = tuple((row[1], writable[row[1]]) for row in columns)
    return Tree(name, root, order, 0, rowid, alias, tuple(_class(row[2]) for row in columns))


def _ascend(page: Page) -> bool:
    rowids = [cell.rowid for cell in page.cells if cell.rowid is not None]
    return all(one < other for one, other in pairwise(rowids))


def _class(declared: str) -> type | None:
    """Return the class of the values in a column that fivefold declares so; None: several."""
    declared = str(declared).upper()
    for word, found in (("TEXT", str), ("CHAR", str), ("INT", int), ("BLOB", bytes)):
        if word in declared:
            return found
    return None


def fits(values: Values, table: Tree) -> bool:
    """Say whether a record may be one of the table: it has the columns, and values like theirs."""
    return len(values) == len(table.columns) and all(
        value is None or wanted is None or isinstance(value, wanted)
        for value, wanted in zip(values, table.classes, strict=True)
    )
