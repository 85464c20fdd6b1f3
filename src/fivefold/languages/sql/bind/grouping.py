"""Checks what may stand beside GROUP BY, and what can be compared for equality or order.

Source: the PostgreSQL manual, "SELECT", GROUP BY Clause: an ungrouped column is allowed inside an
aggregate, or if it depends on a primary key that is grouped.
"""

from __future__ import annotations

from collections.abc import Iterable

from fivefold.errors import InvalidStatement
from fivefold.languages.sql.bind import nodes
from fivefold.languages.sql.bind.nodes import Node
from fivefold.languages.sql.bind.scopes import Scope
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.types import Kind, Type


def check(scope: Scope, groups: list[Node], values: list[Node]) -> None:
    """Raise InvalidStatement (grouping_error) for a column that has no one value in a group."""
    if any(not isinstance(group, exp.Column) for group in groups):
        pin([*groups, *values])
    keys = set(groups)
    dependent = _dependent_sources(scope, groups)
    for value in values:
        _check(scope, value, keys, dependent, inside=False)


def _dependent_sources(scope: Scope, groups: list[Node]) -> set[str]:
    """Return the sources all of whose columns depend on a grouped primary key."""
    grouped = {
        (group.table, group.name)
        for group in groups
        if isinstance(group, exp.Column) and group.meta.get("scope") == scope.number
    }
    found = set()
    for source in scope.sources:
        key = source.table.primary_key if source.table is not None else None
        if key is not None and all((source.alias, name) in grouped for name in key.columns):
            found.add(source.alias)
    return found


def _check(scope: Scope, node: Node, keys: set[Node], dependent: set[str], *, inside: bool) -> None:
    if node in keys or node.meta.get("aggregate") == scope.number:
        return
    if isinstance(node, exp.Column):
        if node.meta.get("scope") == scope.number and node.table not in dependent:
            shown = f"{node.table}.{node.meta.get('name', node.name)}"
            if inside:
                message = f'subquery uses ungrouped column "{shown}" from outer query'
            else:
                message = (
                    f'column "{shown}" must appear in the GROUP BY clause or be used in an '
                    "aggregate function"
                )
            raise InvalidStatement(message, "grouping_error", position=nodes.position_of(node))
        return
    inside = inside or isinstance(node, exp.Subquery | exp.Exists)
    for child in node.iter_expressions():
        _check(scope, child, keys, dependent, inside=inside)


def pin(values: Iterable[Node], *, unless_columns: bool = False) -> None:
    """Keep literals as they are: whether the statement is right depends on their values."""
    found = list(values)
    if unless_columns and all(isinstance(value, exp.Column) for value in found):
        return
    for value in found:
        for part in value.walk():
            part.meta.pop("lift", None)


def refuse_aggregates(value: Node, clause: str) -> None:
    for part in value.walk():
        if "aggregate" in part.meta:
            raise InvalidStatement(
                f"aggregate functions are not allowed in {clause}",
                "grouping_error",
                position=nodes.position_of(part),
            )
        if isinstance(part, exp.Window):
            raise InvalidStatement(
                f"window functions are not allowed in {clause}",
                "windowing_error",
                position=nodes.position_of(part),
            )


def check_equality(value: Node) -> None:
    """Raise InvalidStatement if values of this type cannot be told apart."""
    refuse_equality(type_of(value), nodes.at_of(value))


def refuse_equality(type_: Type, at: int) -> None:
    inner = type_.element or type_
    if inner.kind is Kind.JSON:
        raise InvalidStatement(
            f"could not identify an equality operator for type {type_}",
            "undefined_function",
            position=at + 1 if at >= 0 else None,
        )


def check_order(value: Node, at: int) -> None:
    """Raise InvalidStatement if values of this type have no order."""
    type_ = type_of(value)
    if (type_.element or type_).kind is Kind.JSON:
        raise InvalidStatement(
            f"could not identify an ordering operator for type {type_}",
            "undefined_function",
            hint="Use an explicit ordering operator or modify the query.",
            position=at + 1,
        )
