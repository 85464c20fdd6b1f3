"""The system catalogs of one database at one version of its catalog."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from threading import Lock
from typing import TypeVar, cast

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import Table
from fivefold.languages.sql.system import definitions
from fivefold.languages.sql.system.objects import Objects, Relation, gather
from fivefold.values.text import parser
from fivefold.values.types import INTEGERS, REFERENCES, Kind, Row, Stored

T = TypeVar("T")
SYSTEMS_KEPT = 8  # catalogs that somebody still asks about
Maker = Callable[["System"], Iterable[Row]]


class System:
    """Rows of system relations, made when they are first asked for.

    ``user`` is the name of the role that owns everything; ``databases`` are those that a client
    may name, this one first.
    """

    def __init__(
        self, catalog: Catalog, database: str, user: str, databases: tuple[str, ...] = ()
    ) -> None:
        self.catalog = catalog
        self.database = database
        self.databases = tuple(dict.fromkeys((database, *databases)))
        self.user = user
        self.objects: Objects = gather(catalog)
        self.texts: dict[tuple[object, ...], str | None] = {}  # definitions, see texts.py
        self._memos: dict[object, object] = {}
        self._rows: dict[str, tuple[Row, ...]] = {}

    def memo(self, make: Callable[[System], T]) -> T:
        """Return what ``make`` makes of this catalog, made once."""
        found = self._memos.get(make)
        if found is None:
            found = self._memos[make] = make(self)
        return cast(T, found)

    def rows(self, key: str) -> tuple[Row, ...]:
        """Return the rows of a relation by its key: 'pg_class', 'information_schema.tables'."""
        found = self._rows.get(key)
        if found is None:
            found = self._rows[key] = tuple(self._make(key))
        return found

    def _make(self, key: str) -> Iterator[Row]:
        from fivefold.languages.sql.system.rows import MAKERS

        yield from fixed_rows().get(key, ())
        maker = MAKERS.get(key)
        if maker is not None:
            yield from maker(self)

    def call(self, function: str, path: tuple[str, ...], arguments: tuple[Stored, ...]) -> Stored:
        """Return the answer of a function about the catalog; ``path`` is the search path."""
        from fivefold.languages.sql.system.answers import ANSWERS

        return ANSWERS[function](self, path, *arguments)

    def name_of(self, kind: str, oid: int, path: tuple[str, ...]) -> str:
        """Return the name that a reg… type shows for an oid."""
        from fivefold.languages.sql.system.names import name_of

        return name_of(self, kind, oid, path)

    def relation_name(self, oid: int) -> tuple[str, str] | None:
        """Return the namespace and name of a relation, None if there is none of that oid."""
        from fivefold.languages.sql.system.names import relation_name

        return relation_name(self, oid)

    def oid_of(self, kind: str, text: str, path: tuple[str, ...]) -> int:
        """Return the oid that a reg… type reads; raises InvalidStatement if there is none."""
        from fivefold.languages.sql.system.names import oid_of

        return oid_of(self, kind, text, path)

    def relation(self, oid: int) -> Relation | None:
        """Return one of the database's own relations by its oid."""
        return self.objects.by_oid.get(oid)

    def namespace(self, name: str) -> int:
        """Return a namespace's oid."""
        return self.objects.namespaces[name]


_kept: dict[tuple[int, str, str], System] = {}
_lock = Lock()


def system_for(catalog: Catalog, database: str, user: str) -> System:
    """Return the system catalogs of a catalog; those asked for last are kept."""
    key = (id(catalog), database, user)
    with _lock:
        found = _kept.pop(key, None)
        if found is None:
            # What is kept holds its catalog, so no other can have that id.
            databases = tuple(getattr(catalog, "databases", ()))
            found = System(catalog, database, user, databases)
            while len(_kept) >= SYSTEMS_KEPT:
                del _kept[next(iter(_kept))]
        _kept[key] = found
    return found


def row(key: str, **values: Stored) -> Row:
    """Return a row of a relation; a column that is not given is null, or 0, '' or false if it
    may not be.
    """
    defaults, places = _shape(key)
    made = list(defaults)
    for name, value in values.items():
        made[places[name]] = value
    return tuple(made)


@cache
def _shape(key: str) -> tuple[Row, dict[str, int]]:
    table = table_of(key)
    defaults = tuple(_zero(column.type.kind) if column.not_null else None
                     for column in table.columns)  # fmt: skip
    return defaults, {column.name: at for at, column in enumerate(table.columns)}


def _zero(kind: Kind) -> Stored:
    if kind in INTEGERS or kind in REFERENCES or kind in (Kind.BOOLEAN, Kind.XID):
        return 0
    if kind in (Kind.ARRAY, Kind.INT2VECTOR, Kind.OIDVECTOR):
        return "[]"
    return 0.0 if kind in (Kind.FLOAT4, Kind.FLOAT8) else ""


def table_of(key: str) -> Table:
    """Return a relation's definition by its key."""
    namespace, _, name = key.rpartition(".")
    return definitions.relations()[namespace or "pg_catalog", name].table


@cache
def fixed_rows() -> dict[str, tuple[Row, ...]]:
    """Return the rows that every database has, by relation: those of ``rows.txt``."""
    found: dict[str, list[Row]] = {}
    for line in (definitions.FOLDER / "rows.txt").read_text().splitlines():
        key, *cells = line.split("\t")
        if key != "pg_proc":
            found.setdefault(key, []).append(_parsed(key, cells))
    return {key: tuple(rows) for key, rows in found.items()}


def _parsed(key: str, cells: list[str]) -> Row:
    return tuple(
        None if cell == "\\N" else read(cell)
        for cell, read in zip(cells, _parsers(key), strict=True)
    )


@cache
def _parsers(key: str) -> tuple[Callable[[str], Stored], ...]:
    return tuple(parser(column.type) for column in table_of(key).columns)
