"""CREATE and DROP INDEX.

Source: "Secondary Indexes" of Cassandra's CQL reference. What is a storage-attached index there is
a plain one here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import Family, FamilyColumn, FamilyIndex
from fivefold.errors import Unsupported
from fivefold.languages.cql import tree
from fivefold.languages.cql.indexed import is_tabled
from fivefold.languages.cql.results import Changed
from fivefold.languages.cql.schema import laying, naming
from fivefold.languages.cql.schema.families import families, family_of, resolve
from fivefold.languages.cql.schema.filling import fill
from fivefold.languages.cql.schema.tables import refers_to
from fivefold.languages.cql.schema.typing import types_of
from fivefold.languages.cql.schema.values import as_map
from fivefold.languages.cql.write.indexing import Indexing
from fivefold.languages.unit import Altering
from fivefold.values.cql.faults import configuration, invalid
from fivefold.values.cql.names import read_type
from fivefold.values.cql.types import CqlType

_PLAIN: Final = "legacy_local_table"
_ATTACHED: Final = frozenset(
    {"sai", "storageattachedindex", "org.apache.cassandra.index.sai.storageattachedindex"}
)
_SASI: Final = "org.apache.cassandra.index.sasi.SASIIndex"
_ATTACHED_OPTIONS: Final = frozenset({"case_sensitive", "normalize", "ascii"})


def create_index(statement: tree.CreateIndex, unit: Altering, keyspace: str | None) -> Changed:
    """Create an index and fill it."""
    space, name = naming.placed(statement.table, keyspace)
    naming.modifiable(space, f"Cannot ALTER <table {space}.{name}>")
    catalog = unit.catalog
    naming.required(catalog, space)
    family = family_of(catalog, space, name)
    if family is None:
        raise invalid(f"Table '{name}' doesn't exist", "undefined_table")
    if statement.name is not None and _holder(catalog, space, statement.name) is not None:
        if statement.if_not_exists:
            return naming.NOTHING
        raise invalid(f"Index '{statement.name}' already exists", "duplicate_object")
    options = _options(statement)
    _check_table(family)
    column = next((one for one in family.columns if one.name == statement.column), None)
    if column is None:
        raise invalid(
            f"Undefined column name {statement.column} in table {space}.{name}", "undefined_column"
        )
    types = types_of(catalog, space)
    column_type = read_type(column.type, types)
    target = _target(statement, column, column_type, family)
    index = FamilyIndex(
        statement.name or _free(catalog, space, f"{name}_{_letters(column.name)}_idx"),
        column.name,
        target,
        options,
    )
    same = _same(family, index)
    if same is not None:
        if statement.if_not_exists:
            return naming.NOTHING
        raise same
    new = replace(family, indexes=(*family.indexes, index))
    unit.change(
        laying.changed(
            catalog, laying.laid(space, name, family, types), laying.laid(space, name, new, types)
        )
    )
    made = resolve(unit.catalog, space, name)
    indexed = made.by_name[column.name]
    if is_tabled(indexed):
        fill(unit, made, Indexing(made, index).watch, static=indexed.kind == "static")
    return naming.changed("UPDATED", "TABLE", space, name)


def _options(statement: tree.CreateIndex) -> tuple[tuple[str, str], ...]:
    """Return what the catalog keeps of USING and OPTIONS."""
    given = dict(statement.options)
    options = as_map("options", given["options"]) if "options" in given else {}
    using = statement.using or (None if not statement.custom else _PLAIN)
    if using is None or (using == _PLAIN and not statement.custom):
        if options:
            raise invalid("Cannot specify options for a non-CUSTOM index")
        return ()
    if using.lower() not in _ATTACHED:
        if using == _SASI or using == "SASIIndex":
            raise invalid("SASI indexes are disabled. Enable in cassandra.yaml to use.")
        raise configuration(f"Unable to find custom indexer class '{using}'")
    for name, value in options.items():
        if name not in _ATTACHED_OPTIONS or value.lower() != _MEANS_NOTHING[name]:
            raise Unsupported(
                f"the option '{name}' of a storage-attached index is not supported",
                hint="Leave it out: values are indexed as they are.",
            )
    return (("class_name", using), *sorted(options.items()))


_MEANS_NOTHING: Final = {"case_sensitive": "true", "normalize": "false", "ascii": "false"}
"""The options of storage-attached indexes as they are by default."""


def _check_table(family: Family) -> None:
    if any(column.type == "counter" for column in family.columns):
        raise invalid("Secondary indexes on counter tables aren't supported")
    if family.base is not None:
        raise invalid("Secondary indexes on materialized views aren't supported")


def _target(
    statement: tree.CreateIndex, column: FamilyColumn, type: CqlType, family: Family
) -> str:
    """Return what of the column is indexed. Raises as Cassandra does for what cannot be."""
    name, asked = column.name, statement.target
    if refers_to(type, "duration"):
        what = "duration columns" if type.name == "duration" else "collections containing durations"
        if type.name in ("tuple", "udt"):
            what = (
                "tuples containing durations"
                if type.name == "tuple"
                else "UDTs containing durations"
            )
        raise invalid(f"Secondary indexes are not supported on {what}")
    if (
        column.kind == "partition_key"
        and sum(one.kind == "partition_key" for one in family.columns) == 1
    ):
        raise invalid(f"Cannot create secondary index on the only partition key column {name}")
    if asked == "full":
        if not (type.is_collection and type.frozen):
            raise invalid("full() indexes can only be created on frozen collections")
        return asked
    if type.is_collection and type.frozen:
        raise invalid(
            f"Cannot create {asked or 'values'}() index on frozen column {name}. Frozen collections"
            f" are immutable and must be fully indexed by using the 'full({name})' modifier"
        )
    if not type.is_collection:
        if asked:
            raise invalid(
                f"Cannot create {asked}() index on {name}. Non-collection columns only support"
                " simple indexes"
            )
        if type.is_multicell:
            raise invalid(f"Cannot create index on non-frozen UDT column {name}")
        return "values"
    if asked in ("keys", "entries") and type.name != "map":
        raise invalid(f"Cannot create index on {asked} of column {name} with non-map type")
    return asked or "values"


def _same(family: Family, index: FamilyIndex) -> Exception | None:
    """Return the error for an index that is there under another name."""
    for one in family.indexes:
        if (one.column, one.target) != (index.column, index.target):
            continue
        if bool(one.options) != bool(index.options):
            continue
        if index.options:
            return invalid(
                "Cannot create more than one storage-attached index on the same column:"
                f" {index.column}",
                "duplicate_object",
            )
        return invalid(
            f"Index {index.name} is a duplicate of existing index {one.name}", "duplicate_object"
        )
    return None


def _letters(name: str) -> str:
    return re.sub(r"\W", "", name, flags=re.ASCII)


def _holder(catalog: Catalog, keyspace: str, index: str) -> str | None:
    """Return the name of the table with that index."""
    for name, family in families(catalog, keyspace):
        if any(one.name == index for one in family.indexes):
            return name
    return None


def _free(catalog: Catalog, keyspace: str, name: str) -> str:
    found, number = name, 0
    while _holder(catalog, keyspace, found) is not None:
        number += 1
        found = f"{name}_{number}"
    return found


def drop_index(statement: tree.DropIndex, unit: Altering, keyspace: str | None) -> Changed:
    """Drop an index."""
    space, index = naming.placed(statement.name, keyspace)
    naming.modifiable(space, f"Cannot ALTER <keyspace {space}>")
    name = _holder(unit.catalog, space, index)
    if name is None:
        if statement.if_exists:
            return naming.NOTHING
        raise invalid(f"Index '{space}.{index}' doesn't exist'", "undefined_object")
    family = family_of(unit.catalog, space, name)
    assert family is not None
    new = replace(family, indexes=tuple(one for one in family.indexes if one.name != index))
    types = types_of(unit.catalog, space)
    unit.change(
        laying.changed(
            unit.catalog,
            laying.laid(space, name, family, types),
            laying.laid(space, name, new, types),
        )
    )
    return naming.changed("UPDATED", "TABLE", space, name)
