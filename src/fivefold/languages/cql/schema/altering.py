"""ALTER TABLE: columns added, dropped and renamed, options.

Source: "ALTER TABLE" below "Data Definition (DDL)" of Cassandra's CQL reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from fivefold.catalog.changes import Change
from fivefold.catalog.containers import DroppedColumn, Family, FamilyColumn
from fivefold.languages.cql import tree
from fivefold.languages.cql.parse.printing import relations_text
from fivefold.languages.cql.parse.relations import required_where
from fivefold.languages.cql.parse.stream import Stream
from fivefold.languages.cql.results import Changed
from fivefold.languages.cql.schema import forgetting, laying, naming
from fivefold.languages.cql.schema.families import families, family_of
from fivefold.languages.cql.schema.options import read_options
from fivefold.languages.cql.schema.tables import check_nested, check_ttl, no_static
from fivefold.languages.cql.schema.typing import type_named, types_of
from fivefold.languages.unit import Altering
from fivefold.values.cql.faults import configuration, invalid
from fivefold.values.cql.names import type_text

KINDS: Final = ("partition_key", "clustering", "static", "regular")


def alter_table(statement: tree.AlterTable, unit: Altering, keyspace: str | None) -> Changed:
    """Change a table; materialized views over it follow."""
    space, name = naming.placed(statement.name, keyspace)
    naming.modifiable(space, f"Cannot ALTER <table {space}.{name}>")
    family = family_of(unit.catalog, space, name)
    if family is None:
        if statement.if_exists:
            return naming.NOTHING
        raise naming.no_table(space, name)
    if family.base is not None:
        raise invalid(
            "Cannot use ALTER TABLE on a materialized view; use ALTER MATERIALIZED VIEW instead"
        )
    _Alteration(unit, space, name, family).run(statement)
    return naming.changed("UPDATED", "TABLE", space, name)


class _Alteration:
    """One statement at work; ``views`` are those over the table, by name."""

    def __init__(self, unit: Altering, keyspace: str, name: str, family: Family) -> None:
        self.unit, self.keyspace, self.name, self.family = unit, keyspace, name, family
        self.types = types_of(unit.catalog, keyspace)
        self.views = {
            view: found for view, found in families(unit.catalog, keyspace) if found.base == name
        }

    def run(self, statement: tree.AlterTable) -> None:
        if statement.altered:
            raise invalid("Altering column types is no longer supported")
        if statement.drops_compact_storage:
            raise invalid("DROP COMPACT STORAGE is disabled. Enable in cassandra.yaml to use.")
        if statement.added:
            self.add(statement)
        elif statement.dropped:
            self.drop(statement)
        elif statement.renamed:
            self.rename(statement)
        else:
            self.set_options(statement.options)

    def change(self, made: Mapping[str, Family], renamed: Mapping[str, str] | None = None) -> None:
        """Have the catalog know the table and its views as they shall be."""
        changes: list[Change] = []
        before = {self.name: self.family, **self.views}
        for name, new in made.items():
            old = laying.laid(self.keyspace, name, before[name], self.types)
            changes += laying.changed(
                self.unit.catalog, old, laying.laid(self.keyspace, name, new, self.types), renamed
            )
        self.unit.change(changes)

    # ADD

    def add(self, statement: tree.AlterTable) -> None:
        added: list[FamilyColumn] = []
        for column in statement.added:
            if any(one.name == column.name for one in (*self.family.columns, *added)):
                if statement.columns_if:
                    continue
                raise invalid(
                    f"Column with name '{column.name}' already exists", "duplicate_column"
                )
            added.append(self._added(column))
        made = {self.name: with_columns(self.family, added)}
        for view, family in self.views.items():
            if family.all:
                if any(column.kind == "static" for column in added):
                    raise invalid(
                        "Cannot add static columns to a table with materialized views that select"
                        " all columns"
                    )
                made[view] = with_columns(family, added)
        self.change(made)

    def _added(self, column: tree.ColumnDefinition) -> FamilyColumn:
        type = type_named(column.type, self.keyspace, self.types)
        check_nested(type)
        kinds = {one.kind for one in self.family.columns}
        if column.static and "clustering" not in kinds:
            raise no_static()
        kind = "static" if column.static else "regular"
        text = type_text(type)
        for gone in self.family.dropped:
            if gone.name == column.name:
                _check_again(gone, text, kind)
        dropped = [one.type for one in self.family.dropped]
        counter = "counter" in [*dropped, *(one.type for one in self.family.columns)]
        if (type.name == "counter") != counter:
            what, where = ("counter", "non counter") if not counter else ("non counter", "counter")
            raise configuration(
                f'{self.keyspace}.{self.name}: Cannot have a {what} column ("{column.name}") in a'
                f" {where} table"
            )
        return FamilyColumn(column.name, text, kind)

    # DROP

    def drop(self, statement: tree.AlterTable) -> None:
        gone: list[DroppedColumn] = []
        at = self._time(statement.dropped_timestamp)
        for name in statement.dropped:
            column = next((one for one in self.family.columns if one.name == name), None)
            if column is None:
                if statement.columns_if:
                    continue
                raise invalid(
                    f"Column {name} was not found in table '{self.keyspace}.{self.name}'",
                    "undefined_column",
                )
            self._check_droppable(column)
            gone.append(DroppedColumn(name, column.type, column.kind, at))
        names = {one.name for one in gone}
        kept = tuple(one for one in self.family.columns if one.name not in names)
        before = tuple(one for one in self.family.dropped if one.name not in names)
        if gone:
            forgetting.forget(self.unit, self.keyspace, self.name, names)
            self.change({self.name: replace(self.family, columns=kept, dropped=(*before, *gone))})

    def _time(self, given: tree.Term | None) -> int:
        if isinstance(given, tree.Constant) and given.kind == "integer":
            return int(given.text)
        return self.unit.moment_us()

    def _check_droppable(self, column: FamilyColumn) -> None:
        name = column.name
        if column.kind in ("partition_key", "clustering"):
            raise invalid(f"Cannot drop PRIMARY KEY column {name}")
        indexes = [one.name for one in self.family.indexes if one.column == name]
        if indexes:
            raise invalid(
                f"Cannot drop column {name} because it has dependent secondary indexes"
                f" ({', '.join(indexes)})",
                "dependent_objects_still_exist",
            )
        if self.views:
            raise invalid(
                f"Cannot drop column {name} on base table {self.name} with materialized views",
                "dependent_objects_still_exist",
            )

    # RENAME

    def rename(self, statement: tree.AlterTable) -> None:
        family = self.family
        names: dict[str, str] = {}
        for before, after in statement.renamed:
            column = next((one for one in family.columns if one.name == before), None)
            if column is None:
                raise invalid(
                    f"Undefined column name {before} in table {self.keyspace}.{self.name}",
                    "undefined_column",
                )
            self._check_renamed(column, after, family)
            family = renamed(family, before, after)
            names[before] = after
        made = {self.name: family}
        for view, found in self.views.items():
            for before, after in names.items():
                found = renamed(found, before, after)
            made[view] = found
        self.change(made, names)

    def _check_renamed(self, column: FamilyColumn, after: str, family: Family) -> None:
        name = column.name
        if column.kind not in ("partition_key", "clustering"):
            raise invalid(f"Cannot rename non PRIMARY KEY column {name}")
        if any(one.name == after for one in family.columns):
            raise invalid(
                f"Cannot rename column {name} to {after} in table '{self.keyspace}.{self.name}';"
                " another column with that name already exists",
                "duplicate_column",
            )
        indexes = [one.name for one in family.indexes if one.column == name]
        if indexes:
            raise invalid(
                f"Can't rename column {name} because it has dependent secondary indexes"
                f" ({', '.join(indexes)})",
                "dependent_objects_still_exist",
            )

    # WITH

    def set_options(self, given: tree.Options) -> None:
        check_no_id(given)
        options = read_options(given, self.family.options)
        new = replace(self.family, options=options)
        if self.views and dict(options).get("gc_grace_seconds") == "0":
            raise invalid(
                "Cannot alter gc_grace_seconds of the base table of a materialized view to 0,"
                " since this value is used to TTL undelivered updates. Setting gc_grace_seconds too"
                " low might cause undelivered updates to expire before being replayed."
            )
        check_ttl(new)
        self.change({self.name: new})


def check_no_id(given: tree.Options) -> None:
    """Raise for an option that only new tables take."""
    if any(name == "id" for name, _ in given):
        raise configuration("Cannot alter table id.")


def with_columns(family: Family, added: Sequence[FamilyColumn]) -> Family:
    """Return a family with more columns, in the catalog's order."""
    key = tuple(one for one in family.columns if one.kind in KINDS[:2])
    others = [one for one in (*family.columns, *added) if one.kind not in KINDS[:2]]
    return replace(family, columns=(*key, *sorted(others, key=lambda one: one.name.encode())))


def renamed(family: Family, before: str, after: str) -> Family:
    """Return a table or view with a column of another name."""
    columns = tuple(
        replace(one, name=after) if one.name == before else one for one in family.columns
    )
    where = family.where
    if where is not None:
        relations = required_where(Stream(f"WHERE {where}"))
        where = relations_text([_with_name(one, before, after) for one in relations])
    return with_columns(replace(family, columns=columns, where=where), ())


def _with_name(relation: tree.Relation, before: str, after: str) -> tree.Relation:
    left = tuple(
        tree.ColumnName(after, one.at) if one.name == before else one for one in relation.left
    )
    return tree.Relation(
        *(left, relation.operator, relation.right, relation.token, relation.several),
        *(relation.key, relation.field, relation.at),
    )


def _check_again(gone: DroppedColumn, type: str, kind: str) -> None:
    """Raise if a column that was dropped would come back as another one."""
    name = gone.name
    if gone.type != type:
        raise invalid(
            f"Cannot re-add previously dropped column '{name}' of type {type}, incompatible with"
            f" previous type {gone.type}"
        )
    if gone.kind != kind:
        raise invalid(
            f"Cannot re-add previously dropped column '{name}' of kind {kind.upper()},"
            f" incompatible with previous kind {gone.kind.upper()}"
        )
    if gone.type == "counter":
        raise invalid(f"Cannot re-add previously dropped counter column {name}")
