"""CREATE, ALTER and DROP TYPE.

Source: "User-Defined Types (UDTs)" below "Data Types" of Cassandra's CQL reference.
"""

from __future__ import annotations

from dataclasses import replace

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.changes import Change
from fivefold.catalog.containers import Keyspace, UserType
from fivefold.errors import FivefoldError
from fivefold.languages.cql import tree
from fivefold.languages.cql.parse.printing import type_text as written
from fivefold.languages.cql.results import Changed
from fivefold.languages.cql.schema import laying, naming
from fivefold.languages.cql.schema.families import families
from fivefold.languages.cql.schema.keyspaces import describe
from fivefold.languages.cql.schema.typing import (
    UserTypes,
    keyspace_of,
    names_in,
    type_named,
    types_of,
    user_types,
)
from fivefold.languages.unit import Altering
from fivefold.values.cql.faults import invalid, syntax
from fivefold.values.cql.names import type_text
from fivefold.values.cql.types import SCALARS, CqlType

_RESERVED = frozenset({"byte", "complex", "enum", "date", "interval", "macaddr", "bitstring"})


def create_type(statement: tree.CreateType, unit: Altering, keyspace: str | None) -> Changed:
    """Create a user type."""
    space, name = naming.placed(statement.name, keyspace)
    if name in _RESERVED:
        raise syntax(f"Invalid (reserved) user type name {name}")
    naming.modifiable(space, f"Cannot CREATE <all tables in {space}>")
    known = naming.required(unit.catalog, space)
    if any(one.name == name for one in known.types):
        if statement.if_not_exists:
            return naming.NOTHING
        raise invalid(f"A user type with name '{name}' already exists", "duplicate_object")
    seen: set[str] = set()
    for field, _ in statement.fields:
        if field in seen:
            raise invalid(f"Duplicate field name '{field}' in type '{name}'", "duplicate_column")
        seen.add(field)
    types = types_of(unit.catalog, space)
    fields = tuple(
        (field, type_text(_field_type(written, space, types)))
        for field, written in statement.fields
    )
    describe(unit, space, replace(known, types=(*known.types, UserType(name, fields))))
    return naming.changed("CREATED", "TYPE", space, name)


def _field_type(written: tree.TypeName, keyspace: str, types: UserTypes) -> CqlType:
    if written.name == "counter" and not written.custom:
        raise invalid("A user type cannot contain counters")
    is_word = not written.parameters and not written.custom
    if is_word and not written.frozen and (written.keyspace or written.name not in SCALARS):
        raise invalid("A user type cannot contain non-frozen UDTs")
    return type_named(written, keyspace, types)


def alter_type(statement: tree.AlterType, unit: Altering, keyspace: str | None) -> Changed:
    """Add fields to a user type, or rename some."""
    space, name = naming.placed(statement.name, keyspace)
    naming.modifiable(space, f"Cannot ALTER <keyspace {space}>")
    known = keyspace_of(unit.catalog, space)
    old = None if known is None else next((one for one in known.types if one.name == name), None)
    if known is None or old is None:
        if statement.if_exists:
            return naming.NOTHING
        raise invalid(f"Type {space}.{name} doesn't exist", "undefined_object")
    if statement.altered:
        raise invalid("Altering field types is no longer supported")
    new = (
        _added(statement, old, unit.catalog, space)
        if statement.added
        else _renamed(statement, old, space)
    )
    types = tuple(new if one is old else one for one in known.types)
    _replace(unit, space, known, replace(known, types=types))
    return naming.changed("UPDATED", "TYPE", space, name)


def _added(statement: tree.AlterType, old: UserType, catalog: Catalog, keyspace: str) -> UserType:
    fields = list(old.fields)
    types = types_of(catalog, keyspace)
    for field, type in statement.added:
        _check_added(field, type, old, catalog, keyspace)
        if any(field == name for name, _ in fields):
            if statement.fields_if:
                continue
            raise invalid(
                f"Cannot add field {field} to type {keyspace}.{old.name}: a field with name"
                f" {field} already exists",
                "duplicate_column",
            )
        fields.append((field, type_text(_field_type(type, keyspace, types))))
    return replace(old, fields=tuple(fields))


def _check_added(
    field: str, type: tree.TypeName, old: UserType, catalog: Catalog, keyspace: str
) -> None:
    types = types_of(catalog, keyspace)
    resolved = _field_type(type, keyspace, types)
    shown = _qualified(type, keyspace)
    what = f"Cannot add new field {field} of type {shown} to user type {keyspace}.{old.name} as"
    if _has(resolved, old.name):
        raise invalid(f"{what} it would create a circular reference")
    users = [
        f"{keyspace}.{table}"
        for table, family in families(catalog, keyspace)
        for column in family.columns
        if column.kind == "partition_key" and _uses(column.type, old.name, types)
    ]
    if users:
        raise invalid(
            f"{what} the type is being used in partition key by the following tables:"
            f" {', '.join(users)}"
        )


def _qualified(type: tree.TypeName, keyspace: str) -> str:
    """Return a type as it was written, user types with their keyspace."""
    inner = ", ".join(_qualified(part, keyspace) for part in type.parameters)
    if inner:
        text = f"{type.name}<{inner}>"
    elif type.name in SCALARS or type.custom:
        text = written(type)
    else:
        text = f"{type.keyspace or keyspace}.{type.name}"
    return f"frozen<{text}>" if type.frozen else text


def _has(type: CqlType, name: str) -> bool:
    """Say whether a type is, or has in it, the user type of that name."""
    inside = (*type.parameters, *(field for _, field in type.fields))
    return bool(type.user and type.user[1] == name) or any(_has(part, name) for part in inside)


def _uses(text: str, name: str, types: UserTypes) -> bool:
    """Say whether the type of that text refers to a user type, if through others."""
    return any(
        word == name or (word in types and _has(types[word], name)) for word in names_in(text)
    )


def _renamed(statement: tree.AlterType, old: UserType, keyspace: str) -> UserType:
    names = [name for name, _ in old.fields]
    for before, after in statement.renamed:
        if before not in names:
            if statement.fields_if:
                continue
            raise invalid(
                f"Unkown field {before} in user type {keyspace}.{old.name}", "undefined_column"
            )
        names[names.index(before)] = after
    for name in names:
        if names.count(name) > 1:
            raise invalid(f"Duplicate field name {name} in type {keyspace}", "duplicate_column")
    return replace(
        old, fields=tuple((name, text) for name, (_, text) in zip(names, old.fields, strict=True))
    )


def _replace(unit: Altering, keyspace: str, old: Keyspace, new: Keyspace) -> None:
    """Have the catalog know other types, and the views of tables show what they are now."""
    before, after = (user_types(keyspace, known.types) for known in (old, new))
    changes: list[Change] = []
    for name, family in families(unit.catalog, keyspace):
        changes += laying.changed(
            unit.catalog,
            laying.laid(keyspace, name, family, before),
            laying.laid(keyspace, name, family, after),
        )
    describe(unit, keyspace, new, changes)


def drop_type(statement: tree.DropType, unit: Altering, keyspace: str | None) -> Changed:
    """Drop a user type that nothing refers to."""
    space, name = naming.placed(statement.name, keyspace)
    naming.modifiable(space, f"Cannot DROP <keyspace {space}>")
    known = keyspace_of(unit.catalog, space)
    if known is None or all(one.name != name for one in known.types):
        if statement.if_exists:
            return naming.NOTHING
        raise invalid(f"Type '{space}.{name}' doesn't exist", "undefined_object")
    others = [one.name for one in known.types if any(_names(text, name) for _, text in one.fields)]
    if others:
        raise _still_used(space, name, "user types", others)
    types = types_of(unit.catalog, space)
    tables = [
        table
        for table, family in families(unit.catalog, space)
        if any(_uses(column.type, name, types) for column in family.columns)
    ]
    if tables:
        raise _still_used(space, name, "tables", tables)
    kept = tuple(one for one in known.types if one.name != name)
    describe(unit, space, replace(known, types=kept))
    return naming.changed("DROPPED", "TYPE", space, name)


def _names(text: str, name: str) -> bool:
    return name in names_in(text)


def _still_used(keyspace: str, name: str, what: str, users: list[str]) -> FivefoldError:
    return invalid(
        f"Cannot drop user type '{keyspace}.{name}' as it is still used by {what}"
        f" {', '.join(sorted(users))}",
        "dependent_objects_still_exist",
    )
