"""CREATE and DROP TABLE.

Source: "CREATE TABLE" and "DROP TABLE" below "Data Definition (DDL)" of Cassandra's CQL reference.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from fivefold.catalog.containers import Family, FamilyColumn
from fivefold.errors import FivefoldError, Unsupported
from fivefold.languages.cql import tree
from fivefold.languages.cql.results import Changed
from fivefold.languages.cql.schema import laying, naming
from fivefold.languages.cql.schema.families import family_of, views_of
from fivefold.languages.cql.schema.options import given_id, read_options
from fivefold.languages.cql.schema.typing import type_named, types_of
from fivefold.languages.unit import Altering
from fivefold.values.cql.faults import already_exists, configuration, invalid
from fivefold.values.cql.names import type_text
from fivefold.values.cql.types import CqlType

NAME_MAX = 222


def create_table(statement: tree.CreateTable, unit: Altering, keyspace: str | None) -> Changed:
    """Create a table."""
    space, name = naming.placed(statement.name, keyspace)
    naming.modifiable(space, f"Cannot CREATE <all tables in {space}>")
    catalog = unit.catalog
    naming.required(catalog, space)
    if catalog.find(space, name) is not None:
        if statement.if_not_exists:
            return naming.NOTHING
        raise already_exists(f"Table '{space}.{name}' already exists", space, name)
    check_name(space, name)
    types = types_of(catalog, space)
    columns = {column.name: type_named(column.type, space, types) for column in statement.columns}
    family = Family(
        given_id(statement.options) or uuid.uuid4().hex,
        _columns(name, statement, columns),
        options=read_options(statement.options),
    )
    check_ttl(family)
    unit.change(laying.made(laying.laid(space, name, family, types)))
    return naming.changed("CREATED", "TABLE", space, name)


def check_name(keyspace: str, name: str) -> None:
    """Raise for a name that no table can have."""
    if not naming.WORD.fullmatch(name) or len(name) > NAME_MAX:
        raise configuration(
            f"{keyspace}.{name}: Table name must not be empty, more than 48 characters long, or"
            f' contain non-alphanumeric-underscore characters (got "{name}")'
        )


def check_ttl(family: Family) -> None:
    """Raise for counters that shall expire."""
    if int(dict(family.options).get("default_time_to_live", "0")) and any(
        column.type == "counter" for column in family.columns
    ):
        raise invalid("Cannot set default_time_to_live on a table with counters")


def _columns(
    name: str, statement: tree.CreateTable, types: Mapping[str, CqlType]
) -> tuple[FamilyColumn, ...]:
    """Return the columns in the catalog's order, checked in Cassandra's."""
    _check_declared(name, statement)
    if statement.compact_storage:
        raise Unsupported(
            "COMPACT STORAGE is not supported",
            hint="Leave it out: every table can be read and written with CQL.",
        )
    key = (*statement.partition_key, *statement.clustering)
    for column in key:
        check_key(column, types[column])
    statics = [column.name for column in statement.columns if column.static]
    for column in statics:
        if column in key:
            raise invalid(f"Static column '{column}' cannot be part of the PRIMARY KEY")
    descending = dict(checked_order(statement.clustering, statement.clustering_order))
    others = [column for column in sorted(types, key=str.encode) if column not in key]
    _check_others(statement, {column: types[column] for column in others}, statics)
    return (
        *(FamilyColumn(c, type_text(types[c]), "partition_key") for c in statement.partition_key),
        *(
            FamilyColumn(c, type_text(types[c]), "clustering", descending.get(c, False))
            for c in statement.clustering
        ),
        *(
            FamilyColumn(c, type_text(types[c]), "static" if c in statics else "regular")
            for c in others
        ),
    )


def _check_declared(name: str, statement: tree.CreateTable) -> None:
    shown = name if statement.name[0] is None else f"{statement.name[0]}.{name}"
    seen: set[str] = set()
    for column in statement.columns:
        if column.name in seen:
            raise invalid(
                f"Duplicate column '{column.name}' declaration for table '{shown}'",
                "duplicate_column",
            )
        seen.add(column.name)
    if not statement.partition_key:
        raise invalid(
            f"No PRIMARY KEY specifed for table '{shown}' (exactly one required)",
            "invalid_table_definition",
        )
    check_primary_key(name, (*statement.partition_key, *statement.clustering), seen)


def check_primary_key(name: str, key: Sequence[str], columns: set[str]) -> None:
    """Raise for a key with columns that are not there, or are there twice."""
    found: set[str] = set()
    for column in key:
        if column not in columns:
            raise invalid(
                f"Unknown column '{column}' referenced in PRIMARY KEY for table '{name}'",
                "undefined_column",
            )
        if column in found:
            raise invalid(
                f"Duplicate column '{column}' in PRIMARY KEY clause for table '{name}'",
                "duplicate_column",
            )
        found.add(column)


def check_key(name: str, type: CqlType) -> None:
    """Raise for a type that no column of a primary key has."""
    if type.user is not None and not type.frozen:
        shown = f'"{type.user[0]}.{type.user[1]}"'
        raise invalid(
            f"Invalid non-frozen user-defined type {shown} for PRIMARY KEY column '{name}'"
        )
    if type.is_multicell:
        raise invalid(
            f"Invalid non-frozen collection type {type_text(type)} for PRIMARY KEY column '{name}'"
        )
    if type.name == "counter":
        raise invalid(f"counter type is not supported for PRIMARY KEY column '{name}'")
    if refers_to(type, "duration"):
        raise invalid(f"duration type is not supported for PRIMARY KEY column '{name}'")


def refers_to(type: CqlType, name: str) -> bool:
    """Say whether a type is, or has in it, that one."""
    inside = (*type.parameters, *(field for _, field in type.fields))
    return type.name == name or any(refers_to(part, name) for part in inside)


def checked_order(
    clustering: Sequence[str], order: Sequence[tuple[str, bool]]
) -> Sequence[tuple[str, bool]]:
    """Return the clustering order that was declared: of all columns or of the first ones."""
    strange = [column for column, _ in order if column not in clustering]
    if strange:
        raise invalid(
            "Only clustering key columns can be defined in CLUSTERING ORDER directive:"
            f" [{', '.join(strange)}] are not clustering columns"
        )
    declared = [column for column, _ in order]
    for place, column in enumerate(declared):
        if column == clustering[place]:
            continue
        due = clustering[place]
        if due not in declared:
            raise invalid(f"Missing CLUSTERING ORDER for column {due}")
        raise invalid(
            "The order of columns in the CLUSTERING ORDER directive must match that of the"
            f" clustering columns ({due} must appear before {column})"
        )
    return order


def _check_others(
    statement: tree.CreateTable, others: Mapping[str, CqlType], statics: Sequence[str]
) -> None:
    if statics and not statement.clustering:
        raise no_static()
    for type in others.values():
        check_nested(type)
    counters = [type.name == "counter" for type in others.values()]
    if any(counters) and not all(counters):
        raise invalid("Cannot mix counter and non counter columns in the same table")


def no_static() -> FivefoldError:
    """Return the error for a static column in a table whose partitions are single rows."""
    return invalid(
        "Static columns are only useful (and thus allowed) if the table has at least one"
        " clustering column"
    )


def check_nested(type: CqlType) -> None:
    """Raise for a user type in cells of its own whose fields would be so too."""
    if type.user is not None and type.is_multicell:
        for _, field in type.fields:
            if field.is_multicell:
                raise invalid(
                    "Non-frozen UDTs with nested non-frozen collections are not supported"
                )


def drop_table(statement: tree.DropTable, unit: Altering, keyspace: str | None) -> Changed:
    """Drop a table, with its indexes."""
    space, name = naming.placed(statement.name, keyspace)
    naming.modifiable(space, f"Cannot DROP <table {space}.{name}>")
    catalog = unit.catalog
    family = family_of(catalog, space, name)
    if family is None:
        if statement.if_exists:
            return naming.NOTHING
        raise naming.no_table(space, name)
    if family.base is not None:
        raise invalid(
            "Cannot use DROP TABLE on a materialized view. Please use DROP MATERIALIZED VIEW"
            " instead."
        )
    if views_of(catalog, space, name):
        raise invalid(
            f"Cannot drop a table when materialized views still depend on it ({space})",
            "dependent_objects_still_exist",
        )
    unit.change(laying.dropped(laying.laid(space, name, family, types_of(catalog, space))))
    return naming.changed("DROPPED", "TABLE", space, name)
