"""Rows of pg_class, pg_attribute, pg_attrdef, pg_index, pg_type and pg_enum."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from fivefold.catalog.containers import (
    Column,
    Container,
    Identity,
    Index,
    IndexPart,
    Sequence,
    Table,
    View,
)
from fivefold.catalog.oids import OWNER_OID, Of, oid_of
from fivefold.languages.sql.system import definitions, texts
from fivefold.languages.sql.system.catalog import System, fixed_rows, row, table_of
from fivefold.languages.sql.system.objects import TEMPORARY, Relation, part_column
from fivefold.plan.statement import type_of
from fivefold.values.oids import modifier_of, type_oid
from fivefold.values.types import BOOLEAN, INT4, INT8, Kind, Row, Type

HEAP, BTREE, HASH = 2, 403, 405  # pg_am.oid
_METHODS = {"btree": BTREE, "hash": HASH}
SEQUENCE_COLUMNS = (
    Column("last_value", INT8, not_null=True),
    Column("log_cnt", INT8, not_null=True),
    Column("is_called", BOOLEAN, not_null=True),
)


class Layout(NamedTuple):
    """What pg_attribute repeats of a column's type."""

    length: int
    by_value: int
    align: str
    storage: str
    collation: int


_ARRAY = Layout(-1, 0, "i", "x", 0)
_ENUM = Layout(4, 1, "i", "p", 0)
_ROW = Layout(-1, 0, "d", "x", 0)


@cache
def layouts() -> dict[int, Layout]:
    """Return the layouts of PostgreSQL's own types, by oid."""
    names = [column.name for column in table_of("pg_type").columns]
    places = [
        names.index(name)
        for name in ("typlen", "typbyval", "typalign", "typstorage", "typcollation")
    ]
    return {
        # A fixed row's cells are of any stored form; these five are of their fields'.
        int(str(each[0])): Layout(*[each[place] for place in places])  # type: ignore[arg-type]  # texts, as the file has them
        for each in fixed_rows()["pg_type"]
    }


def layout_of(type_: Type) -> Layout:
    """Return how a type's values lie in PostgreSQL's pages."""
    found = layouts().get(type_oid(type_))
    if found is not None:
        return found
    if type_.element is not None:
        return _ARRAY
    return _ENUM if type_.kind is Kind.ENUM else _ROW


# -- pg_class -------------------------------------------------------------------------------------


def classes(system: System) -> Iterator[Row]:
    """Yield pg_class."""
    yield from _system_classes()
    referenced = {key.target for table in system.catalog.tables() for key in table.foreign_keys}
    for relation in system.objects.own():
        yield _class(system, relation, referenced)


@cache
def _system_classes() -> tuple[Row, ...]:
    return tuple(
        row(
            "pg_class",
            oid=each.oid,
            relname=name,
            relnamespace=oid_of(Of.NAMESPACE, namespace),
            relowner=OWNER_OID,
            relam=HEAP if each.kind == "r" else 0,
            relfilenode=0,
            reltuples=-1.0,
            relpersistence="p",
            relkind=each.kind,
            relnatts=len(each.table.columns),
            relhasrules=int(each.kind == "v"),
            relispopulated=1,
            relreplident="n",
        )
        for (namespace, name), each in definitions.relations().items()
    )


def _class(system: System, relation: Relation, referenced: set[tuple[str, str]]) -> Row:
    kind, container = relation.kind, relation.container
    table = container if isinstance(container, Table) and kind != "i" else None
    key = (relation.namespace, relation.name)
    am = HEAP if kind in "rm" else 0
    attributes = len(relation.columns)
    if relation.index is not None:
        am = _METHODS[relation.index.method]
        attributes = len(relation.index.parts) + len(relation.index.include)
    elif kind == "S":
        attributes = len(SEQUENCE_COLUMNS)
    return row(
        "pg_class",
        oid=relation.oid,
        relname=relation.name,
        relnamespace=system.namespace(relation.namespace),
        reltype=0 if kind in "iS" else system.objects.types[key],
        relowner=OWNER_OID,
        relam=am,
        relfilenode=0 if kind == "v" else relation.oid,
        reltuples=0.0 if kind in "i" else 1.0 if kind == "S" else -1.0,
        relhasindex=int(table is not None and bool(table.keys or table.indexes)),
        relpersistence="t" if relation.namespace.startswith(TEMPORARY) else "p",
        relkind=kind,
        relnatts=attributes,
        relchecks=0 if table is None else len(table.checks),
        relhasrules=int(kind in "vm"),
        relhastriggers=int(table is not None and (bool(table.foreign_keys) or key in referenced)),
        relispopulated=int(table is None or table.populated),
        relreplident="d" if kind in "rm" else "n",
        reloptions=_options(container),
    )


def _options(container: Container | None) -> str | None:
    """Return what was said in WITH, as far as it is kept: a view's check option."""
    check = container.check if isinstance(container, View) else None
    return None if check is None else json.dumps([f"check_option={check}"])


# -- pg_attribute ---------------------------------------------------------------------------------


def attributes(system: System) -> Iterator[Row]:
    """Yield pg_attribute: the columns of relations and of indexes."""
    yield from _system_attributes()
    for relation in system.objects.own():
        if relation.index is not None:
            yield from _index_attributes(system, relation, relation.index)
            continue
        columns = SEQUENCE_COLUMNS if relation.kind == "S" else relation.columns
        for number, column in enumerate(columns, 1):
            yield attribute(relation.oid, number, column)


@cache
def _system_attributes() -> tuple[Row, ...]:
    return tuple(
        _collated(attribute(each.oid, number, column), each)
        for each in definitions.relations().values()
        for number, column in enumerate(each.table.columns, 1)
    )


def _collated(made: Row, each: definitions.Definition) -> Row:
    """Return a column's row; texts of PostgreSQL's own tables collate as "C"."""
    if each.kind != "r" or each.table.namespace != "pg_catalog":
        return made
    at = _COLLATION_AT
    return (*made[:at], _C if made[at] else 0, *made[at + 1 :])


_COLLATION_AT, _C = 21, 950  # of pg_attribute's columns; pg_collation.oid


_IDENTITY: dict[Identity | None, str] = {Identity.ALWAYS: "a", Identity.BY_DEFAULT: "d"}


def attribute(relation: int, number: int, column: Column) -> Row:
    """Return the row of one column: made by hand, as there are thousands of them."""
    oid, modifier, is_array, layout = _facts(column.type)
    return (
        *(relation, column.name, oid, -1, layout.length, number, is_array, -1, modifier),
        *(layout.by_value, layout.align, layout.storage, "", int(column.not_null)),
        *(int(has_default(column)), 0, _IDENTITY.get(column.identity, "")),
        *("" if column.generated is None else "s", 0, 1, 0, layout.collation),
        *(None, None, None, None),
    )


@lru_cache(maxsize=1000)
def _facts(type_: Type) -> tuple[int, int, int, Layout]:
    """Return a type's oid, its modifier, whether it is an array, and how its values lie."""
    return (
        type_oid(type_),
        modifier_of(type_),
        int(type_.element is not None),
        layout_of(type_),
    )


def has_default(column: Column) -> bool:
    """Say whether pg_attrdef has a row of the column: a default, serial or generated."""
    return (
        column.default is not None
        or column.generated is not None
        or column.identity is Identity.SERIAL
    )


def _index_attributes(system: System, relation: Relation, index: Index) -> Iterator[Row]:
    table = relation.container
    assert isinstance(table, Table)
    taken: list[str] = []
    columns = [part_column(table, part) or _expression(system, table, part) for part in index.parts]
    columns += [column for column in table.columns if column.name in index.include]
    for number, column in enumerate(columns, 1):
        name = column.name
        spare, count = name, 0
        while spare in taken:
            count += 1
            spare = f"{name}{count}"
        taken.append(spare)
        # A hash index keeps hashes: four bytes of each value.
        type_ = INT4 if index.method == "hash" else column.type
        yield attribute(relation.oid, number, Column(spare, type_))


def _expression(system: System, table: Table, part: IndexPart) -> Column:
    """Return the name and type that an index's part has, if it is an expression."""
    from fivefold.languages.sql.bind.outputs import UNNAMED, output_name
    from fivefold.languages.sql.parse.statements import parse_expression
    from fivefold.languages.sql.schema.texts import bind_part

    parsed = parse_expression(part.expression)
    name = output_name(parsed)
    bound = bind_part(texts.context(system, texts.PUBLIC), table, parsed, "index expressions")
    return Column("expr" if name == UNNAMED else name, type_of(bound))


def defaults(system: System) -> Iterator[Row]:
    """Yield pg_attrdef."""
    for relation in system.objects.own("r"):
        for number, column in enumerate(relation.columns, 1):
            if has_default(column):
                assert isinstance(relation.container, Table)
                yield row(
                    "pg_attrdef",
                    oid=default_oid(relation, column),
                    adrelid=relation.oid,
                    adnum=number,
                    adbin=texts.default_mark(relation, number),
                )


def default_oid(relation: Relation, column: Column) -> int:
    """Return the oid of a column's default."""
    return oid_of(Of.DEFAULT, relation.namespace, relation.name, column.name)


# -- pg_index -------------------------------------------------------------------------------------


def indexes(system: System) -> Iterator[Row]:
    """Yield pg_index."""
    for relation in system.objects.own("i"):
        index, key, table = relation.index, relation.key, relation.container
        assert index is not None
        assert isinstance(table, Table)
        numbers = {column.name: at for at, column in enumerate(table.columns, 1)}
        columns = [part_column(table, part) for part in index.parts]
        types = [None if column is None else column.type for column in columns]
        keys = [0 if column is None else numbers[column.name] for column in columns]
        options = [
            part.descending
            | (part.descending if part.nulls_first is None else part.nulls_first) << 1
            for part in index.parts
        ]
        yield row(
            "pg_index",
            indexrelid=relation.oid,
            indrelid=system.objects.relations[table.namespace, table.name].oid,
            indnatts=len(keys) + len(index.include),
            indnkeyatts=len(keys),
            indisunique=int(index.unique),
            indnullsnotdistinct=int(index.nulls_not_distinct),
            indisprimary=int(key is not None and key.primary),
            indimmediate=int(key is None or not key.deferrable),
            indisvalid=1,
            indisready=1,
            indislive=1,
            indkey=_vector([*keys, *(numbers[name] for name in index.include)]),
            indcollation=_vector([layout_of(type_).collation if type_ else 0 for type_ in types]),
            indclass=_vector([operator_class(index.method, type_) for type_ in types]),
            indoption=_vector(options),
            indexprs=texts.parts_mark(relation) if 0 in keys else None,
            indpred=None if index.where is None else texts.condition_mark(relation),
        )


def _vector(numbers: list[int]) -> str:
    return f"[{','.join(str(int(each)) for each in numbers)}]"


@cache
def _operator_classes() -> dict[tuple[int, int], int]:
    """Return the default operator class of a method and a type."""
    columns = [column.name for column in table_of("pg_opclass").columns]
    found = {}
    for each in fixed_rows()["pg_opclass"]:
        named = dict(zip(columns, each, strict=True))
        if named["opcdefault"]:
            found[int(str(named["opcmethod"])), int(str(named["opcintype"]))] = int(
                str(named["oid"])
            )
    return found


_ANYARRAY, _ANYENUM, _TEXT = 2277, 3500, 25


def operator_class(method: str, type_: Type | None) -> int:
    """Return the oid of the operator class that an index uses for a type; 0 if there is none."""
    found = _operator_classes()
    am = _METHODS[method]
    if type_ is None:
        return found.get((am, _TEXT), 0)
    oid = _ANYARRAY if type_.element is not None else type_oid(type_)
    if type_.kind is Kind.VARCHAR:
        oid = _TEXT
    if type_.kind is Kind.ENUM:
        oid = _ANYENUM
    return found.get((am, oid), 0)


# -- pg_type --------------------------------------------------------------------------------------

_ROW_FUNCTIONS = {"typinput": 2290, "typoutput": 2291, "typreceive": 2402, "typsend": 2403}
_ENUM_FUNCTIONS = {"typinput": 3506, "typoutput": 3507, "typreceive": 3532, "typsend": 3533}
_ARRAY_FUNCTIONS = {"typinput": 750, "typoutput": 751, "typreceive": 2400, "typsend": 2401}
_ARRAY_SUBSCRIPT = 6179


def types(system: System) -> Iterator[Row]:
    """Yield pg_type: the database's enums and rows of tables, each with its array."""
    for (namespace, name), oid in system.objects.types.items():
        if name.startswith("_") and (namespace, name[1:]) in system.objects.types:
            element = system.objects.types[namespace, name[1:]]
            is_enum = element in system.objects.enums
            yield _type(
                system, namespace, name, oid, _ARRAY if is_enum else _ROW, "b", "A",
                typelem=element, typsubscript=_ARRAY_SUBSCRIPT, **_ARRAY_FUNCTIONS,
            )  # fmt: skip
            continue
        array = system.objects.types[namespace, f"_{name}"]
        if oid in system.objects.enums:
            yield _type(
                system, namespace, name, oid, _ENUM, "e", "E", typarray=array, **_ENUM_FUNCTIONS
            )
            continue
        relation = system.objects.relations[namespace, name].oid
        yield _type(
            system, namespace, name, oid, _ROW, "c", "C",
            typarray=array, typrelid=relation, **_ROW_FUNCTIONS,
        )  # fmt: skip


def _type(
    system: System,
    namespace: str,
    name: str,
    oid: int,
    layout: Layout,
    kind: str,
    category: str,
    **values: int,
) -> Row:
    return row(
        "pg_type",
        oid=oid,
        typname=name,
        typnamespace=system.namespace(namespace),
        typowner=OWNER_OID,
        typlen=layout.length,
        typbyval=layout.by_value,
        typtype=kind,
        typcategory=category,
        typisdefined=1,
        typdelim=",",
        typalign=layout.align,
        typstorage=layout.storage,
        typtypmod=-1,
        **values,
    )


def enum_labels(system: System) -> Iterator[Row]:
    """Yield pg_enum."""
    for oid, enum in system.objects.enums.items():
        for number, label in enumerate(enum.labels, 1):
            yield row(
                "pg_enum",
                oid=oid_of(Of.ENUM, enum.namespace, enum.name, label),
                enumtypid=oid,
                enumsortorder=float(number),
                enumlabel=label,
            )


def sequences(system: System) -> Iterator[Row]:
    """Yield pg_sequence."""
    for relation in system.objects.own("S"):
        each = relation.container
        assert isinstance(each, Sequence)
        yield row(
            "pg_sequence",
            seqrelid=relation.oid,
            seqtypid=type_oid(each.type),
            seqstart=each.start,
            seqincrement=each.increment,
            seqmax=each.maximum,
            seqmin=each.minimum,
            seqcache=each.cache,
            seqcycle=int(each.cycle),
        )
