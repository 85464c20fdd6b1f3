"""Lowers CREATE INDEX."""

from __future__ import annotations

from dataclasses import replace

from fivefold.catalog.changes import CreateIndex
from fivefold.catalog.containers import Index, IndexPart
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import definitions
from fivefold.languages.sql.bind.outputs import UNNAMED, output_name
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.commands import Schema
from fivefold.languages.sql.schema import places
from fivefold.languages.sql.schema.naming import free_name, taken_names
from fivefold.languages.sql.schema.texts import bind_all, bind_part, refuse_mutable
from fivefold.plan.statement import Access, Privilege

METHODS = ("btree", "hash")
_NOT_IMMUTABLE = "functions in index expression must be marked IMMUTABLE"


def create_index(context: Context, node: definitions.CreateIndex) -> Schema:
    """Lower CREATE INDEX."""
    table = places.require_table(context, node.table, node.table_at)
    if node.method not in METHODS:
        if node.method in ("gin", "gist", "brin", "spgist"):
            raise Unsupported(f"indexes of the method {node.method} are not supported; use btree")
        raise InvalidStatement(f'access method "{node.method}" does not exist', "undefined_object")
    taken = taken_names(context.catalog, table.namespace)
    if node.name is not None and node.name in taken:
        if node.if_not_exists:
            return Schema((), "CREATE INDEX", (places.exists_notice(node.name),))
        raise places.exists_error(node.name)
    if node.method == "hash" and node.unique:
        raise Unsupported('access method "hash" does not support unique indexes')
    if node.method == "hash" and len(node.elements) > 1:
        raise Unsupported('access method "hash" does not support multicolumn indexes')
    parts = []
    for element in node.elements:
        if element.is_column is not None:
            _require_column(table, element.is_column)
            expression = element.is_column
        else:
            bound = bind_part(context, table, element.expression.value, "index expressions")
            refuse_mutable(bound, _NOT_IMMUTABLE)
            expression = element.expression.text
        parts.append(IndexPart(expression, element.descending, element.nulls_first))
    where = None
    if node.where is not None:
        bound = bind_part(context, table, node.where.value, "index predicates", condition=True)
        refuse_mutable(bound, _NOT_IMMUTABLE.replace("expression", "predicate"))
        where = node.where.text
    middle = "_".join(_part_names(node))
    name = node.name or free_name(taken, table.name, middle, "idx")
    index = Index(name, tuple(parts), node.unique, where, node.method)
    made = replace(table, indexes=(*table.indexes, index))
    accesses = (Access(table.namespace, table.name, Privilege.ADMINISTER),)
    return Schema(
        (CreateIndex(table, index, bind_all(context, made)),), "CREATE INDEX", accesses=accesses
    )


def _part_names(node: definitions.CreateIndex) -> list[str]:
    names: list[str] = []
    for element in node.elements:
        name = element.is_column or output_name(element.expression.value)
        name = "expr" if name == UNNAMED else name
        base, count = name, 0
        while name in names:
            count += 1
            name = f"{base}{count}"
        names.append(name)
    return names


def _require_column(table: object, name: str) -> None:
    from fivefold.catalog.containers import Table

    assert isinstance(table, Table)
    if table.column(name) is None:
        raise InvalidStatement(f'column "{name}" does not exist', "undefined_column")
