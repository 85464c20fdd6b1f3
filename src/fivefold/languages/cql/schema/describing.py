"""DESCRIBE, as the server answers it: what there is, as statements that make it again.

Source: "DESCRIBE" of Cassandra's CQL reference; the texts are those of Cassandra 5.0.5.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import Family, FamilyColumn, FamilyIndex, Keyspace
from fivefold.languages.cql import tree
from fivefold.languages.cql.parse.printing import quoted, string
from fivefold.languages.cql.results import ColumnSpec, Rows
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.schema.families import families, no_keyspace
from fivefold.languages.cql.schema.options import shown_options
from fivefold.languages.cql.schema.typing import keyspace_of
from fivefold.languages.cql.system.definitions import KEYSPACES, VIRTUAL, system_tables
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.names import WORDS
from fivefold.values.cql.types import COLLECTIONS, TEXT

Made = tuple[str, str, str, str]
"""keyspace_name, type, name, create_statement."""

MISSING = {
    "table": "Table '{name}' not found in keyspace '{keyspace}'",
    "type": "User defined type '{name}' not found in '{keyspace}'",
    "index": "Table for existing index '{name}' not found in '{keyspace}'",
    "materialized view": "Materialized view '{name}' not found in '{keyspace}'",
    "function": "User defined function '{name}' not found in '{keyspace}'",
    "aggregate": "User defined aggregate '{name}' not found in '{keyspace}'",
    "generic": "'{name}' not found in keyspace '{keyspace}'",
}
"""What is said of what is not there."""


def describe(statement: tree.Describe, run: Run) -> Rows:
    """Return what a DESCRIBE asks for. Raises InvalidStatement for what is not there."""
    return _Describing(statement, run.unit.catalog, run.keyspace).rows()


class _Describing:
    def __init__(self, statement: tree.Describe, catalog: Catalog, keyspace: str | None) -> None:
        self.statement = statement
        self.catalog = catalog
        self.keyspace = keyspace

    def rows(self) -> Rows:
        """Return the rows: those of lists have no statements."""
        what = self.statement.what
        if what == "cluster":
            return _cluster()
        if what in ("functions", "aggregates"):
            return _rows([], listed=True)
        if what == "keyspaces":
            return _rows(
                [(name, "keyspace", quoted(name), "") for name in self._keyspaces()], listed=True
            )
        if what in ("tables", "types"):
            made = [one for name in self._asked() for one in self._of(name) if one[1] == what[:-1]]
            return _rows(made, listed=True)
        if what == "schema":
            names = self._keyspaces() if self.statement.full else self._own()
            return _rows([one for name in names for one in self._whole(name)])
        if what == "keyspace":
            return _rows(list(self._one_keyspace(self._named())))
        return _rows(list(self._one()))

    def _own(self) -> list[str]:
        """Return the keyspaces that clients have made."""
        return [name for name in sorted(self.catalog.namespaces) if self._keyspace(name)]

    def _keyspaces(self) -> list[str]:
        return sorted([*self._own(), *KEYSPACES, *VIRTUAL])

    def _keyspace(self, name: str) -> Keyspace | None:
        if name in VIRTUAL:
            return Keyspace(())
        return KEYSPACES.get(name) or keyspace_of(self.catalog, name)

    def _families(self, keyspace: str) -> list[tuple[str, Family]]:
        made = system_tables().get(keyspace)
        found = families(self.catalog, keyspace) if made is None else made.items()
        return sorted(found, key=lambda one: one[0].lower())

    def _asked(self) -> list[str]:
        return [self.keyspace] if self.keyspace is not None else self._keyspaces()

    def _named(self) -> str:
        name = self.statement.name
        found = self.keyspace if name is None else name[1]
        if found is None:
            raise no_keyspace()
        return found

    def _one_keyspace(self, name: str) -> Iterator[Made]:
        if self._keyspace(name) is None:
            raise invalid(f"'{name}' not found in keyspaces", "undefined_namespace")
        whole = list(self._whole(name))
        yield from whole[:1] if self.statement.only else whole

    def _whole(self, name: str) -> Iterator[Made]:
        keyspace = self._keyspace(name)
        assert keyspace is not None
        yield (name, "keyspace", quoted(name), keyspace_text(name, keyspace))
        yield from self._of(name)

    def _of(self, name: str) -> Iterator[Made]:
        keyspace = self._keyspace(name)
        assert keyspace is not None
        for kind in keyspace.types:
            fields = ",\n".join([f"    {quoted(field)} {type}" for field, type in kind.fields])
            text = f"CREATE TYPE {quoted(name)}.{quoted(kind.name)} (\n{fields}\n);"
            yield (name, "type", quoted(kind.name), text)
        for table, family in self._families(name):
            if family.base is None:
                yield (name, "table", quoted(table), table_text(name, table, family))
                for index in family.indexes:
                    yield (name, "index", quoted(index.name), _index_text(name, table, index))
        yield from self._views(name)

    def _views(self, keyspace: str, base: str | None = None) -> Iterator[Made]:
        """Yield the materialized views, of one table if it is said."""
        for name, family in self._families(keyspace):
            if family.base is not None and base in (None, family.base):
                text = view_text(keyspace, name, family)
                yield (keyspace, "materialized_view", quoted(name), text)

    def _one(self) -> Iterator[Made]:
        what, name = self.statement.what, self.statement.name
        assert name is not None
        space = name[0] or self.keyspace
        if what == "generic" and name[0] is None and self._keyspace(name[1]) is not None:
            yield from self._one_keyspace(name[1])
            return
        if space is None:
            raise invalid("No keyspace specified and no current keyspace", "undefined_namespace")
        if self._keyspace(space) is None:
            raise invalid(f"'{space}' not found in keyspaces", "undefined_namespace")
        shown = quoted(name[1])
        kind = what.replace(" ", "_")
        found = [one for one in self._of(space) if one[2] == shown and kind in ("generic", one[1])]
        if not found:
            missing = MISSING[what].format(name=name[1], keyspace=space)
            raise invalid(missing, "undefined_table")
        yield from found
        if found[0][1] == "table":
            family = dict(self._families(space))[name[1]]
            for index in family.indexes:
                yield (space, "index", quoted(index.name), _index_text(space, name[1], index))
            yield from self._views(space, name[1])


def _rows(made: list[Made], *, listed: bool = False) -> Rows:
    names = ("keyspace_name", "type", "name", "create_statement")[: 3 if listed else 4]
    columns = tuple(ColumnSpec("system", "describe", name, TEXT) for name in names)
    return Rows(columns, [one[: len(names)] for one in made])


def _cluster() -> Rows:
    names = ("cluster", "partitioner", "snitch")
    columns = tuple(ColumnSpec("system", "describe", name, TEXT) for name in names)
    return Rows(columns, [("fivefold", "Murmur3Partitioner", "SimpleSnitch")])


def keyspace_text(name: str, keyspace: Keyspace) -> str:
    """Return CREATE KEYSPACE."""
    if name in VIRTUAL:
        return _virtual("Keyspace", name, f"VIRTUAL KEYSPACE {quoted(name)};")
    options = ", ".join(
        [f"{string(key)}: {string(_brief(value))}" for key, value in keyspace.replication]
    )
    durable = str(keyspace.durable_writes).lower()
    return (
        f"CREATE KEYSPACE {quoted(name)} WITH replication = {{{options}}}"
        f"  AND durable_writes = {durable};"
    )


def _brief(value: str) -> str:
    return value.removeprefix("org.apache.cassandra.locator.")


def _in_order(columns: Sequence[FamilyColumn]) -> list[FamilyColumn]:
    """Return columns as Cassandra describes them: those of many cells after the others."""
    order = ("partition_key", "clustering", "static", "regular")
    return sorted(columns, key=lambda column: (order.index(column.kind), _has_cells(column)))


def _has_cells(column: FamilyColumn) -> bool:
    if column.kind in ("partition_key", "clustering"):
        return False
    name, parameters, _ = column.type.partition("<")
    return name in COLLECTIONS if parameters else name not in WORDS


def table_text(keyspace: str, name: str, family: Family) -> str:
    """Return CREATE TABLE."""
    partition = [column for column in family.columns if column.kind == "partition_key"]
    clustering = [column for column in family.columns if column.kind == "clustering"]
    alone = len(partition) == 1 and not clustering
    lines = [
        f"    {quoted(column.name)} {column.type}"
        + (" static" if column.kind == "static" else "")
        + (" PRIMARY KEY" if alone and column.kind == "partition_key" else "")
        for column in _in_order(family.columns)
    ]
    if not alone:
        key = ", ".join([quoted(column.name) for column in partition])
        key = f"({key})" if len(partition) > 1 else key
        lines.append(f"    PRIMARY KEY ({', '.join([key, *_names(clustering)])})")
    shown = shown_options(family.options)
    whole = f"{quoted(keyspace)}.{quoted(name)}"
    text = f"TABLE {whole} (\n" + ",\n".join(lines) + "\n) WITH "
    if keyspace in VIRTUAL:
        shown = {"comment": shown["comment"]}
        return _virtual("Table", whole, f"VIRTUAL {text}{_options(family, shown)};")
    return f"CREATE {text}{_options(family, shown)};"


def _virtual(what: str, name: str, text: str) -> str:
    return (
        f"/*\nWarning: {what} {name} is a virtual {what.lower()} and cannot be recreated with"
        f" CQL.\nStructure, for reference:\n{text}\n*/"
    )


def view_text(keyspace: str, name: str, family: Family) -> str:
    """Return CREATE MATERIALIZED VIEW."""
    assert family.base is not None
    partition = [column for column in family.columns if column.kind == "partition_key"]
    clustering = [column for column in family.columns if column.kind == "clustering"]
    key = ", ".join(_names(partition))
    key = f"({key})" if len(partition) > 1 else key
    shown = shown_options(family.options)
    del shown["default_time_to_live"]  # a view has none of its own
    selected = "*" if family.all else ", ".join(_names(_in_order(family.columns)))
    return (
        f"CREATE MATERIALIZED VIEW {quoted(keyspace)}.{quoted(name)} AS\n"
        f"    SELECT {selected}\n"
        f"    FROM {quoted(keyspace)}.{quoted(family.base)}\n"
        f"    WHERE {family.where}\n"
        f"    PRIMARY KEY ({', '.join([key, *_names(clustering)])})\n"
        f" WITH {_options(family, shown)};"
    )


def _options(family: Family, shown: Mapping[str, str]) -> str:
    """Return what stands behind WITH."""
    options = [f"{key} = {value}" for key, value in shown.items()]
    clustering = [column for column in family.columns if column.kind == "clustering"]
    if clustering:
        order = ", ".join(
            [
                f"{quoted(column.name)} {'DESC' if column.descending else 'ASC'}"
                for column in clustering
            ]
        )
        options.insert(0, f"CLUSTERING ORDER BY ({order})")
    return "\n    AND ".join(options)


def _names(columns: Sequence[FamilyColumn]) -> list[str]:
    return [quoted(column.name) for column in columns]


def _index_text(keyspace: str, table: str, index: FamilyIndex) -> str:
    column = quoted(index.column)
    target = column if index.target == "values" else f"{index.target}({column})"
    return f"CREATE INDEX {quoted(index.name)} ON {quoted(keyspace)}.{quoted(table)} ({target});"
