"""Rows of information_schema, as PostgreSQL fills it for the owner of everything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fivefold.catalog.catalog import DEFAULT_NAMESPACE
from fivefold.catalog.containers import (
    Check,
    Column,
    ForeignKey,
    Identity,
    Key,
    Sequence,
    Table,
    View,
)
from fivefold.languages.sql.system import definitions, texts
from fivefold.languages.sql.system.catalog import Maker, System, row
from fivefold.languages.sql.system.changeable import changeable
from fivefold.languages.sql.system.constraints import constrained, constraints_of
from fivefold.languages.sql.system.dependencies import Reading, readings
from fivefold.languages.sql.system.objects import Relation
from fivefold.languages.sql.system.relations import has_default
from fivefold.values.types import FLOATS, INTEGERS, SQL_NAMES, Kind, Row, Stored, Type

_BITS = {Kind.INT2: 16, Kind.INT4: 32, Kind.INT8: 64, Kind.FLOAT4: 24, Kind.FLOAT8: 53}
_TABLE_PRIVILEGES = ["INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
_COLUMN_PRIVILEGES = ["INSERT", "SELECT", "UPDATE", "REFERENCES"]
_OCTETS_OF_CHARACTER = 4
_TEXT_OCTETS = 2**30


def _yes(value: bool) -> str:
    return "YES" if value else "NO"


def _in(system: System, prefix: str, relation: Table | View | Relation) -> dict[str, Stored]:
    """Return the three columns that name a relation."""
    return {
        f"{prefix}_catalog": system.database,
        f"{prefix}_schema": relation.namespace,
        f"{prefix}_name": relation.name,
    }


def described(type_: Type) -> dict[str, Stored]:
    """Return the columns that describe a type wherever one is described."""
    kind = type_.kind
    values: dict[str, Stored] = {"data_type": _type_name(type_)}
    if kind in (Kind.VARCHAR, Kind.BPCHAR):
        values["character_maximum_length"] = type_.length
        octets = type_.length * _OCTETS_OF_CHARACTER if type_.length else _TEXT_OCTETS
        values["character_octet_length"] = octets
    elif kind is Kind.TEXT:
        values["character_octet_length"] = _TEXT_OCTETS
    elif kind in INTEGERS or kind in FLOATS:
        values["numeric_precision"] = _BITS[kind]
        values["numeric_precision_radix"] = 2
        values["numeric_scale"] = 0 if kind in INTEGERS else None
    elif kind is Kind.NUMERIC:
        values["numeric_precision"] = type_.precision
        values["numeric_precision_radix"] = 10
        values["numeric_scale"] = type_.scale if type_.precision else None
    elif kind is Kind.DATE:
        values["datetime_precision"] = 0
    elif kind in (Kind.TIME, Kind.TIMESTAMP, Kind.TIMESTAMPTZ, Kind.INTERVAL):
        values["datetime_precision"] = 6 if type_.precision is None else type_.precision
    return values


def _type_name(type_: Type) -> str:
    if type_.element is not None:
        return "ARRAY"
    if type_.name is not None:
        return "USER-DEFINED"
    return SQL_NAMES.get(type_.kind, type_.kind.value)


def _udt(system: System, type_: Type) -> dict[str, Stored]:
    namespace, name = "pg_catalog", type_.kind.value
    inner = type_ if type_.element is None else type_.element
    if inner.name is not None:
        namespace, name = inner.name
    elif type_.element is not None:
        name = inner.kind.value
    return {
        "udt_catalog": system.database,
        "udt_schema": namespace,
        "udt_name": f"_{name}" if type_.element is not None else name,
    }


# -- tables and columns ---------------------------------------------------------------------------


def schemata(system: System) -> Iterator[Row]:
    """Yield information_schema.schemata."""
    for name in system.objects.namespaces:
        yield row(
            "information_schema.schemata",
            catalog_name=system.database,
            schema_name=name,
            schema_owner="pg_database_owner" if name == DEFAULT_NAMESPACE else system.user,
        )


def tables(system: System) -> Iterator[Row]:
    """Yield information_schema.tables."""
    for each in definitions.relations().values():
        yield _table(
            system, each.table, "VIEW" if each.kind == "v" else "BASE TABLE", each.kind == "r"
        )
    for relation in system.objects.own("r", "v"):
        kind = "VIEW" if relation.kind == "v" else "BASE TABLE"
        if relation.namespace.startswith("pg_temp_"):
            kind = "LOCAL TEMPORARY"
        yield _table(system, relation, kind, bool(changeable(system, relation)))


def _table(system: System, table: Table | Relation, kind: str, insertable: bool) -> Row:
    return row(
        "information_schema.tables",
        **_in(system, "table", table),
        table_type=kind,
        is_insertable_into=_yes(insertable),
        is_typed="NO",
    )


def columns(system: System) -> Iterator[Row]:
    """Yield information_schema.columns."""
    for each in definitions.relations().values():
        for number, column in enumerate(each.table.columns, 1):
            yield _column(system, each.table, number, column, each.kind == "r")
    for relation in system.objects.own("r", "v"):
        assert isinstance(relation.container, Table | View)
        own = changeable(system, relation)
        for number, column in enumerate(relation.columns, 1):
            yield _column(system, relation.container, number, column, column.name in own)


def _column(
    system: System, table: Table | View, number: int, column: Column, updatable: bool
) -> Row:
    default = None
    if isinstance(table, Table) and has_default(column) and column.generated is None:
        default = texts.default(system, table, column)
    generated = None
    if column.generated is not None and isinstance(table, Table):
        generated = texts.default(system, table, column)
    return row(
        "information_schema.columns",
        **_in(system, "table", table),
        column_name=column.name,
        ordinal_position=number,
        column_default=default,
        is_nullable=_yes(not column.not_null),
        **described(column.type),
        **_udt(system, column.type),
        dtd_identifier=str(number),
        is_self_referencing="NO",
        is_identity="NO" if not _is_identity(column) else "YES",
        **_identity(system, table.namespace, column),
        is_generated="NEVER" if column.generated is None else "ALWAYS",
        generation_expression=generated,
        is_updatable=_yes(updatable),
    )


def _is_identity(column: Column) -> bool:
    return column.identity in (Identity.ALWAYS, Identity.BY_DEFAULT)


def _identity(system: System, namespace: str, column: Column) -> dict[str, Stored]:
    values: dict[str, Stored] = {"identity_cycle": "NO"}
    if not _is_identity(column) or column.sequence is None:
        return values
    values["identity_generation"] = "ALWAYS" if column.identity is Identity.ALWAYS else "BY DEFAULT"
    sequence = system.catalog.find(namespace, column.sequence)
    if isinstance(sequence, Sequence):
        values |= {
            "identity_start": str(sequence.start),
            "identity_increment": str(sequence.increment),
            "identity_maximum": str(sequence.maximum),
            "identity_minimum": str(sequence.minimum),
            "identity_cycle": _yes(sequence.cycle),
        }
    return values


def views(system: System) -> Iterator[Row]:
    """Yield information_schema.views: the database's own."""
    for relation in system.objects.own("v"):
        assert isinstance(relation.container, View)
        able = _yes(bool(changeable(system, relation)))
        yield row(
            "information_schema.views",
            **_in(system, "table", relation),
            view_definition=texts.view(system, texts.PUBLIC, relation.container),
            check_option=(relation.container.check or "none").upper(),
            is_updatable=able,
            is_insertable_into=able,
            is_trigger_updatable="NO",
            is_trigger_deletable="NO",
            is_trigger_insertable_into="NO",
        )


def sequences(system: System) -> Iterator[Row]:
    """Yield information_schema.sequences: all but those of identity columns."""
    for relation in system.objects.own("S"):
        each = relation.container
        assert isinstance(each, Sequence)
        if _belongs_to_identity(system, each):
            continue
        yield row(
            "information_schema.sequences",
            **_in(system, "sequence", relation),
            data_type=_type_name(each.type),
            numeric_precision=_BITS[each.type.kind],
            numeric_precision_radix=2,
            numeric_scale=0,
            start_value=str(each.start),
            minimum_value=str(each.minimum),
            maximum_value=str(each.maximum),
            increment=str(each.increment),
            cycle_option=_yes(each.cycle),
        )


def _belongs_to_identity(system: System, sequence: Sequence) -> bool:
    if sequence.owner is None:
        return False
    owner = system.catalog.find(sequence.namespace, sequence.owner[0])
    column = owner.column(sequence.owner[1]) if isinstance(owner, Table) else None
    return column is not None and _is_identity(column)


# -- constraints ----------------------------------------------------------------------------------

_TYPES: dict[type, str] = {ForeignKey: "FOREIGN KEY", Check: "CHECK"}


def _own_tables(system: System) -> Iterator[tuple[Relation, Table]]:
    for relation in system.objects.own("r"):
        assert isinstance(relation.container, Table)
        yield relation, relation.container


def _not_nulls(system: System, relation: Relation) -> Iterator[tuple[str, str]]:
    """Yield the names and conditions of the checks that NOT NULL is to this schema."""
    namespace = system.namespace(relation.namespace)
    for number, column in enumerate(relation.columns, 1):
        if column.not_null:
            yield f"{namespace}_{relation.oid}_{number}_not_null", f"{column.name} IS NOT NULL"


def _named(system: System, table: Table, name: str) -> dict[str, Stored]:
    return {
        "constraint_catalog": system.database,
        "constraint_schema": table.namespace,
        "constraint_name": name,
    }


def table_constraints(system: System) -> Iterator[Row]:
    """Yield information_schema.table_constraints."""
    for relation, table in _own_tables(system):
        for each in constraints_of(table):
            kind = _TYPES.get(type(each), "")
            if isinstance(each, Key):
                kind = "PRIMARY KEY" if each.primary else "UNIQUE"
            distinct = None
            if isinstance(each, Key) and not each.primary:
                distinct = _yes(not each.nulls_not_distinct)
            yield row(
                "information_schema.table_constraints",
                **_named(system, table, each.name),
                **_in(system, "table", table),
                constraint_type=kind,
                is_deferrable=_yes(getattr(each, "deferrable", False)),
                initially_deferred=_yes(getattr(each, "initially_deferred", False)),
                enforced="YES",
                nulls_distinct=distinct,
            )
        for name, _ in _not_nulls(system, relation):
            yield row(
                "information_schema.table_constraints",
                **_named(system, table, name),
                **_in(system, "table", table),
                constraint_type="CHECK",
                is_deferrable="NO",
                initially_deferred="NO",
                enforced="YES",
            )


def key_columns(system: System) -> Iterator[Row]:
    """Yield information_schema.key_column_usage."""
    for _, table in _own_tables(system):
        for each in constraints_of(table):
            if isinstance(each, Check):
                continue
            for number, column in enumerate(each.columns, 1):
                place = None
                if isinstance(each, ForeignKey):
                    place = _place_in_key(system, each, number)
                yield row(
                    "information_schema.key_column_usage",
                    **_named(system, table, each.name),
                    **_in(system, "table", table),
                    column_name=column,
                    ordinal_position=number,
                    position_in_unique_constraint=place,
                )


def _referenced(system: System, key: ForeignKey) -> Key | None:
    target = system.catalog.find(*key.target)
    if not isinstance(target, Table):
        return None
    wanted = set(key.target_columns)
    return next((each for each in target.keys if set(each.columns) == wanted), None)


def _place_in_key(system: System, key: ForeignKey, number: int) -> int | None:
    found = _referenced(system, key)
    return None if found is None else found.columns.index(key.target_columns[number - 1]) + 1


def references(system: System) -> Iterator[Row]:
    """Yield information_schema.referential_constraints."""
    for _, table in _own_tables(system):
        for each in table.foreign_keys:
            found = _referenced(system, each)
            yield row(
                "information_schema.referential_constraints",
                **_named(system, table, each.name),
                unique_constraint_catalog=None if found is None else system.database,
                unique_constraint_schema=None if found is None else each.target[0],
                unique_constraint_name=None if found is None else found.name,
                match_option="FULL" if each.match_full else "NONE",
                update_rule=each.on_update.value,
                delete_rule=each.on_delete.value,
            )


def _clause(system: System, table: Table, check: Check) -> str:
    text = texts.constraint(system, texts.PUBLIC, table, check) or ""
    return text.removeprefix("CHECK ")


def checks(system: System) -> Iterator[Row]:
    """Yield information_schema.check_constraints, NOT NULL included."""
    for relation, table in _own_tables(system):
        found = [(each.name, _clause(system, table, each)) for each in table.checks]
        for name, clause in (*found, *_not_nulls(system, relation)):
            yield row(
                "information_schema.check_constraints",
                **_named(system, table, name),
                check_clause=clause,
            )


def constraint_columns(system: System) -> Iterator[Row]:
    """Yield information_schema.constraint_column_usage: of foreign keys, what they point at."""
    for _, table in _own_tables(system):
        for each in constraints_of(table):
            target: Any = table
            names = constrained(table, each)
            if isinstance(each, ForeignKey):
                target, names = system.catalog.find(*each.target), each.target_columns
            for name in names if target is not None else ():
                yield row(
                    "information_schema.constraint_column_usage",
                    **_in(system, "table", target),
                    column_name=name,
                    **_named(system, table, each.name),
                )


def constraint_tables(system: System) -> Iterator[Row]:
    """Yield information_schema.constraint_table_usage: of keys, and what foreign keys point at."""
    for _, table in _own_tables(system):
        for each in constraints_of(table):
            if isinstance(each, Check):
                continue
            target: Any = table
            if isinstance(each, ForeignKey):
                target = system.catalog.find(*each.target)
            if target is not None:
                yield row(
                    "information_schema.constraint_table_usage",
                    **_in(system, "table", target),
                    **_named(system, table, each.name),
                )


# -- privileges, roles and the rest ---------------------------------------------------------------


def _table_privileges(key: str) -> Maker:
    def make(system: System) -> Iterator[Row]:
        for relation in system.objects.own("r", "v"):
            for privilege in _TABLE_PRIVILEGES:
                yield row(
                    key,
                    grantor=system.user,
                    grantee=system.user,
                    **_in(system, "table", relation),
                    privilege_type=privilege,
                    is_grantable="YES",
                    with_hierarchy=_yes(privilege == "SELECT"),
                )

    return make


def _column_privileges(key: str) -> Maker:
    def make(system: System) -> Iterator[Row]:
        for relation in system.objects.own("r", "v"):
            for column in relation.columns:
                for privilege in _COLUMN_PRIVILEGES:
                    yield row(
                        key,
                        grantor=system.user,
                        grantee=system.user,
                        **_in(system, "table", relation),
                        column_name=column.name,
                        privilege_type=privilege,
                        is_grantable="YES",
                    )

    return make


def enabled_roles(system: System) -> Iterator[Row]:
    """Yield information_schema.enabled_roles: the owner is a member of all."""
    for _, name, *_ in system.rows("pg_authid"):
        yield row("information_schema.enabled_roles", role_name=name)


def catalog_name(system: System) -> Iterator[Row]:
    """Yield information_schema.information_schema_catalog_name."""
    yield row("information_schema.information_schema_catalog_name", catalog_name=system.database)


def character_sets(system: System) -> Iterator[Row]:
    """Yield information_schema.character_sets."""
    yield row(
        "information_schema.character_sets",
        character_set_name="UTF8",
        character_repertoire="UCS",
        form_of_use="UTF8",
        default_collate_catalog=system.database,
    )


def element_types(system: System) -> Iterator[Row]:
    """Yield information_schema.element_types: what the arrays of columns hold."""
    for relation in system.objects.own("r", "v"):
        for number, column in enumerate(relation.columns, 1):
            element = column.type.element
            if element is not None:
                yield row(
                    "information_schema.element_types",
                    **_in(system, "object", relation),
                    object_type="TABLE" if relation.kind == "r" else "VIEW",
                    collection_type_identifier=str(number),
                    data_type=_type_name(element),
                    **_udt(system, element),
                    dtd_identifier=f"a{number}",
                )


def _names(system: System, prefix: str, namespace: str, name: str) -> dict[str, Stored]:
    return {
        f"{prefix}_catalog": system.database,
        f"{prefix}_schema": namespace,
        f"{prefix}_name": name,
    }


def _used(system: System) -> Iterator[tuple[tuple[str, str], Reading]]:
    for view, reading in system.memo(readings).items():
        if system.objects.relations[view].kind == "v":
            yield view, reading


def view_tables(system: System) -> Iterator[Row]:
    """Yield information_schema.view_table_usage."""
    for view, reading in _used(system):
        for table in reading.relations:
            yield row(
                "information_schema.view_table_usage",
                **_names(system, "view", *view),
                **_names(system, "table", *table),
            )


def view_columns(system: System) -> Iterator[Row]:
    """Yield information_schema.view_column_usage."""
    for view, reading in _used(system):
        for namespace, table, column in reading.columns:
            yield row(
                "information_schema.view_column_usage",
                **_names(system, "view", *view),
                **_names(system, "table", namespace, table),
                column_name=column,
            )


MAKERS: dict[str, Maker] = {
    f"information_schema.{name}": maker
    for name, maker in {
        "schemata": schemata,
        "tables": tables,
        "columns": columns,
        "views": views,
        "sequences": sequences,
        "table_constraints": table_constraints,
        "key_column_usage": key_columns,
        "referential_constraints": references,
        "check_constraints": checks,
        "constraint_column_usage": constraint_columns,
        "constraint_table_usage": constraint_tables,
        "table_privileges": _table_privileges("information_schema.table_privileges"),
        "role_table_grants": _table_privileges("information_schema.role_table_grants"),
        "column_privileges": _column_privileges("information_schema.column_privileges"),
        "role_column_grants": _column_privileges("information_schema.role_column_grants"),
        "enabled_roles": enabled_roles,
        "information_schema_catalog_name": catalog_name,
        "character_sets": character_sets,
        "element_types": element_types,
        "view_table_usage": view_tables,
        "view_column_usage": view_columns,
    }.items()
}
