"""CREATE, ALTER and DROP MATERIALIZED VIEW.

Source: "Materialized Views" of Cassandra's CQL reference. What is refused, and in which words, is
Cassandra's.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace

from fivefold.catalog.containers import Family, FamilyColumn
from fivefold.errors import FivefoldError
from fivefold.languages.cql import tree
from fivefold.languages.cql.parse.printing import relations_text, term_text
from fivefold.languages.cql.relations import restrict
from fivefold.languages.cql.results import Changed
from fivefold.languages.cql.schema import laying, naming
from fivefold.languages.cql.schema.altering import check_no_id
from fivefold.languages.cql.schema.families import family_of, find
from fivefold.languages.cql.schema.filling import fill
from fivefold.languages.cql.schema.options import given_id, read_options
from fivefold.languages.cql.schema.tables import check_key, check_name, checked_order
from fivefold.languages.cql.schema.typing import namer, types_of
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.terms import Scope
from fivefold.languages.cql.write.viewing import Viewing
from fivefold.languages.unit import Altering
from fivefold.values.cql.classes import class_name
from fivefold.values.cql.faults import already_exists, invalid

_FOLLOWS = (
    "Data in a materialized view always expire at the same time than the corresponding data in the"
    " parent table."
)
_UNDELIVERED = (
    "since this value is used to TTL undelivered updates. Setting gc_grace_seconds too low might"
    " cause undelivered updates to expire before being replayed."
)


def create_view(statement: tree.CreateView, unit: Altering, keyspace: str | None) -> Changed:
    """Create a materialized view, and fill it."""
    space, name = naming.placed(statement.name, keyspace)
    naming.modifiable(space, f"Cannot CREATE <all tables in {space}>")
    base_space, base_name = naming.placed(statement.select.table, keyspace)
    if base_space != space:
        raise invalid("Cannot create a materialized view on a table in a different keyspace")
    catalog = unit.catalog
    naming.required(catalog, space)
    if catalog.find(space, name) is not None:
        there = family_of(catalog, space, name)
        if there is not None and there.base is None:
            raise invalid(
                f"Cannot create materialized view '{name}' - a table with the same name already"
                " exists"
            )
        if statement.if_not_exists:
            return naming.NOTHING
        raise already_exists(f"Table '{space}.{name}' already exists", space, name)
    base = find(catalog, space, base_name)
    if base is None or base.family.base is not None:
        raise invalid(f"Base table '{base_name}' doesn't exist", "undefined_table")
    check_name(space, name)
    scope = Scope(space, base_name, namer(catalog, space), base)
    family = _Creation(statement, name, base, scope).family()
    unit.change(laying.made(laying.laid(space, name, family, types_of(catalog, space))))
    view = find(unit.catalog, space, name)
    assert view is not None
    fill(unit, base, Viewing(base, view, scope.type_named).watch)
    return naming.changed("CREATED", "TABLE", space, name)


class _Creation:
    """One CREATE MATERIALIZED VIEW, checked in Cassandra's order."""

    def __init__(
        self, statement: tree.CreateView, name: str, base: ColumnFamily, scope: Scope
    ) -> None:
        self.statement, self.name, self.base, self.scope = statement, name, base, scope
        self.key = (*statement.partition_key, *statement.clustering)

    def family(self) -> Family:
        """Return the view as the catalog has it."""
        statement, base = self.statement, self.base
        if base.is_counter:
            raise invalid("Materialized views are not supported on counter tables")
        if base.gc_grace_s == 0:
            raise invalid(
                f"Cannot create materialized view '{self.name}' for base table '{base.name}' with"
                f" gc_grace_seconds of 0, {_UNDELIVERED}"
            )
        selected = self._selected()
        self._check_key(selected)
        self._check_where()
        if any(name == "default_time_to_live" for name, _ in statement.options) and int(
            dict(read_options(statement.options)).get("default_time_to_live", "0")
        ):
            raise invalid(f"Cannot set default_time_to_live for a materialized view. {_FOLLOWS}")
        descending = dict(checked_order(statement.clustering, statement.clustering_order))
        return Family(
            given_id(statement.options) or uuid.uuid4().hex,
            self._columns(selected, descending),
            options=read_options(statement.options),
            base=base.name,
            where=relations_text(list(statement.select.where)),
            all=not statement.select.selectors,
            expires=base.family.expires,
        )

    def _selected(self) -> list[str]:
        """Return the names of the columns that are selected."""
        select = self.statement.select
        _check_select(select)
        names: list[str] = []
        for selector in select.selectors:
            if selector.alias is not None:
                raise invalid(
                    "Cannot use aliases when defining a materialized view"
                    f" (got {term_text(selector.term)} AS {selector.alias})"
                )
            if not isinstance(selector.term, tree.ColumnName):
                raise invalid(
                    "Can only select columns by name when defining a materialized view"
                    f" (got {term_text(selector.term)})"
                )
            names.append(self._known(selector.term.name))
        names = names or [column.name for column in self.base.columns]
        for column in names:
            if self.base.by_name[column].kind == "static":
                raise invalid(
                    f"Cannot include static column '{column}' in materialized view '{self.name}'"
                )
        return names

    def _known(self, column: str) -> str:
        if column not in self.base.by_name:
            raise invalid(
                f"Undefined column name {column} in table {self.base.keyspace}.{self.base.name}",
                "undefined_column",
            )
        return column

    def _check_key(self, selected: Sequence[str]) -> None:
        found: set[str] = set()
        for column in self.key:
            if column not in selected:
                raise invalid(
                    f"Unknown column '{column}' referenced in PRIMARY KEY for materialized view"
                    f" '{self.name}'",
                    "undefined_column",
                )
            if column in found:
                raise invalid(
                    f"Duplicate column '{column}' in PRIMARY KEY clause for materialized view"
                    f" '{self.name}'",
                    "duplicate_column",
                )
            found.add(column)
            type = self.base.by_name[column].codec.type
            if type.is_multicell and type.user is None:
                raise invalid(
                    f"Invalid non-frozen collection type '{class_name(type)}' for PRIMARY KEY"
                    f" column '{column}'"
                )
            check_key(column, type)
        own = [column.name for column in (*self.base.partition, *self.base.clustering)]
        extra = [column for column in self.key if column not in own]
        if len(extra) > 1:
            raise invalid(
                "Cannot include more than one non-primary key column in materialized view primary"
                f" key (got {', '.join(extra)})"
            )
        missing = [column for column in own if column not in found]
        if missing:
            raise invalid(
                f"Cannot create materialized view '{self.name}' without primary key columns"
                f" {', '.join(missing)} from base table '{self.base.name}'"
            )

    def _check_where(self) -> None:
        base, where = self.base, self.statement.select.where
        found = restrict(base, where, self.scope, "VIEW")
        if self.scope.parameters:
            raise invalid("Bind variables are not allowed in CREATE MATERIALIZED VIEW statements")
        said = {column.name for column in found.not_null} | found.columns
        illegal = [
            name
            for name in sorted(found.columns)
            if base.by_name[name].kind in ("regular", "static")
        ]
        if illegal:
            raise invalid(
                "Non-primary key columns can only be restricted with 'IS NOT NULL' (got:"
                f" {', '.join(illegal)} restricted illegally)"
            )
        own = [column.name for column in (*base.partition, *base.clustering)]
        keys = [*own, *(column for column in self.key if column not in own)]
        open_ = [column for column in keys if column not in said]
        if open_:
            raise invalid(
                f"Primary key columns {', '.join(open_)} must be restricted with 'IS NOT NULL' or"
                " otherwise"
            )

    def _columns(
        self, selected: Sequence[str], descending: dict[str, bool]
    ) -> tuple[FamilyColumn, ...]:
        types = {column.name: column.type for column in self.base.family.columns}
        partition, clustering = self.statement.partition_key, self.statement.clustering
        others = sorted({*selected} - {*self.key}, key=str.encode)
        return (
            *(FamilyColumn(one, types[one], "partition_key") for one in partition),
            *(
                FamilyColumn(one, types[one], "clustering", descending.get(one, False))
                for one in clustering
            ),
            *(FamilyColumn(one, types[one]) for one in others),
        )


def _check_select(select: tree.Select) -> None:
    """Raise for what a view's query cannot say."""
    given = {
        "DISTINCT": select.distinct,
        "JSON": select.json,
        "GROUP BY": bool(select.group_by),
        "ORDER BY": bool(select.order_by),
        "LIMIT": select.limit is not None,
        "PER PARTITION LIMIT": select.per_partition_limit is not None,
        "ALLOW FILTERING": select.allow_filtering,
    }
    for word, said in given.items():
        if said:
            raise invalid(f"Cannot use {word} when defining a materialized view")


def alter_view(statement: tree.AlterView, unit: Altering, keyspace: str | None) -> Changed:
    """Change a view's options."""
    space, name = naming.placed(statement.name, keyspace)
    naming.modifiable(space, f"Cannot ALTER <table {space}.{name}>")
    family = _view(unit, space, name)
    if family is None:
        return _missing(space, name, if_exists=statement.if_exists)
    check_no_id(statement.options)
    options = read_options(statement.options, family.options)
    given = dict(options)
    if given.get("gc_grace_seconds") == "0":
        raise invalid(f"Cannot alter gc_grace_seconds of a materialized view to 0, {_UNDELIVERED}")
    if "default_time_to_live" in given:
        raise invalid(
            "Forbidden default_time_to_live detected for a materialized view. Data in a"
            " materialized view always expire at the same time than the corresponding data in the"
            " parent table. default_time_to_live must be set to zero, see CASSANDRA-12868 for more"
            " information"
        )
    types = types_of(unit.catalog, space)
    old = laying.laid(space, name, family, types)
    new = laying.laid(space, name, replace(family, options=options), types)
    unit.change(laying.changed(unit.catalog, old, new))
    return naming.changed("UPDATED", "TABLE", space, name)


def drop_view(statement: tree.DropView, unit: Altering, keyspace: str | None) -> Changed:
    """Drop a view."""
    space, name = naming.placed(statement.name, keyspace)
    naming.modifiable(space, f"Cannot DROP <table {space}.{name}>")
    family = _view(unit, space, name)
    if family is None:
        return _missing(space, name, if_exists=statement.if_exists)
    unit.change(laying.dropped(laying.laid(space, name, family, types_of(unit.catalog, space))))
    return naming.changed("DROPPED", "TABLE", space, name)


def _view(unit: Altering, keyspace: str, name: str) -> Family | None:
    family = family_of(unit.catalog, keyspace, name)
    return family if family is not None and family.base is not None else None


def _missing(keyspace: str, view: str, *, if_exists: bool) -> Changed:
    if if_exists:
        return naming.NOTHING
    raise no_view(keyspace, view)


def no_view(keyspace: str, view: str) -> FivefoldError:
    """Return the error for a view that is not there."""
    return invalid(f"Materialized view '{keyspace}.{view}' doesn't exist", "undefined_table")
