"""Lowers CREATE INDEX."""

from __future__ import annotations

from dataclasses import replace

from fivefold.catalog.changes import CreateIndex
from fivefold.catalog.containers import Index, IndexPart
from fivefold.catalog.roles import Privilege
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import definitions, tree
from fivefold.languages.sql.bind.casts import bare
from fivefold.languages.sql.bind.outputs import UNNAMED, output_name
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.commands import Schema
from fivefold.languages.sql.schema import places
from fivefold.languages.sql.schema.naming import free_name, joined, taken_names
from fivefold.languages.sql.schema.texts import bind_all, bind_part, refuse_mutable, resolved
from fivefold.plan.statement import Access, type_of
from fivefold.values.types import Kind, Type

METHODS = ("btree", "hash")
_NOT_IMMUTABLE = "functions in index expression must be marked IMMUTABLE"


def create_index(context: Context, node: definitions.CreateIndex) -> Schema:
    """Lower CREATE INDEX."""
    table = places.require_table(context, node.table, node.table_at)
    if node.method not in METHODS:
        if node.method in ("gin", "gist", "brin", "spgist"):
            raise Unsupported(
                f"indexes of the method {node.method} are not supported",
                hint="Use btree, or hash for equality alone.",
            )
        raise InvalidStatement(f'access method "{node.method}" does not exist', "undefined_object")
    taken = taken_names(context.catalog, table.namespace)
    if node.name is not None and node.name in taken:
        if node.if_not_exists:
            return Schema((), "CREATE INDEX", (places.exists_notice(node.name),))
        raise places.exists_error(node.name)
    if node.method == "hash":
        _refuse_hash(node)
    parts = []
    for element in node.elements:
        if element.is_column is not None:
            _require_column(table, element.is_column)
            expression = element.is_column
        else:
            bound = bind_part(context, table, element.expression.value, "index expressions")
            refuse_mutable(bound, _NOT_IMMUTABLE)
            expression = resolved(context, element.expression.text)
            type_ = type_of(bound)
        if element.is_column is not None:
            column = table.column(expression)
            assert column is not None
            type_ = column.type
        refuse_unordered(type_, node.method)
        _check_opclass(element, type_, node.method)
        parts.append(IndexPart(expression, element.descending, element.nulls_first))
    where = None
    if node.where is not None:
        bound = bind_part(context, table, node.where.value, "index predicates", condition=True)
        refuse_mutable(bound, _NOT_IMMUTABLE.replace("expression", "predicate"))
        where = resolved(context, node.where.text)
    include = tuple(column for column, _ in node.include)
    names = (one.is_column or part_name(one.expression.value) for one in node.elements)
    middle = joined((*names, *include))
    name = node.name or free_name(taken, table.name, middle, "idx")
    for carried in include:
        _require_column(table, carried)
    index = Index(
        name, tuple(parts), node.unique, where, node.method, include, node.nulls_not_distinct
    )
    made = replace(table, indexes=(*table.indexes, index))
    accesses = (Access(table.namespace, table.name, Privilege.ADMINISTER),)
    return Schema(
        (CreateIndex(table, index, bind_all(context, made)),), "CREATE INDEX", accesses=accesses
    )


def _refuse_hash(node: definitions.CreateIndex) -> None:
    for refused, what in (
        (node.unique, "unique indexes"),
        (bool(node.include), "included columns"),
        (len(node.elements) > 1, "multicolumn indexes"),
        (any(one.descending for one in node.elements), "ASC/DESC options"),
        (any(one.nulls_first is not None for one in node.elements), "NULLS FIRST/LAST options"),
    ):
        if refused:
            raise Unsupported(f'access method "hash" does not support {what}')


_UNORDERED = (Kind.JSON,)
_PATTERNS = ("text_pattern_ops", "varchar_pattern_ops", "bpchar_pattern_ops")


def refuse_unordered(type_: Type, method: str) -> None:
    """Refuse a type that has no order, as PostgreSQL words it."""
    if type_.kind in _UNORDERED:
        raise InvalidStatement(
            f'data type {bare(type_)} has no default operator class for access method "{method}"',
            "undefined_object",
            hint="You must specify an operator class for the index or define a default operator "
            "class for the data type.",
        )


def _check_opclass(element: definitions.IndexElement, type_: Type, method: str) -> None:
    """Take an operator class that orders as this type's own does; texts are bytes here."""
    if element.opclass is None:
        return
    name, _ = element.opclass
    texts = (Kind.TEXT, Kind.VARCHAR, Kind.BPCHAR, Kind.NAME)
    if name in _PATTERNS and type_.kind in texts:
        return
    if name == f"{_OPCLASSES.get(type_.kind, type_.kind.value)}_ops":
        return
    if name.endswith("_ops") and (name in _PATTERNS or name[:-4] in _OPCLASS_NAMES):
        raise InvalidStatement(
            f'operator class "{name}" does not accept data type {bare(type_)}', "datatype_mismatch"
        )
    if name in ("gin_trgm_ops", "gist_trgm_ops", "jsonb_path_ops"):
        raise Unsupported(f"the operator class {name} is not supported")
    raise InvalidStatement(
        f'operator class "{name}" does not exist for access method "{method}"', "undefined_object"
    )


_OPCLASSES = {Kind.BOOLEAN: "bool", Kind.VARCHAR: "varchar", Kind.ARRAY: "array"}
_OPCLASS_NAMES = frozenset(_OPCLASSES.get(kind, kind.value) for kind in Kind)


def part_name(expression: tree.Expr) -> str:
    """Return what an expression gives to the name of its index."""
    name = output_name(expression)
    return "expr" if name == UNNAMED else name


def _require_column(table: object, name: str) -> None:
    from fivefold.catalog.containers import Table

    assert isinstance(table, Table)
    if table.column(name) is None:
        raise InvalidStatement(f'column "{name}" does not exist', "undefined_column")
