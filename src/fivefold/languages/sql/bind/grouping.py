"""Checks what may stand beside GROUP BY, and what can be compared for equality or order.

Source: the PostgreSQL manual, "SELECT", GROUP BY Clause: an ungrouped column is allowed inside an
aggregate, or if it depends on a primary key that is grouped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations

from fivefold.errors import InvalidStatement
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind import nodes
from fivefold.languages.sql.bind.nodes import Node
from fivefold.languages.sql.bind.scopes import Scope
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.types import Kind, Type

SETS_MAX = 4096  # as in PostgreSQL
CUBE_MAX = 12

_Keys = list[Node]


def bind_group(
    parts: tuple[tree.Expr | tree.Grouping, ...],
    bind: Callable[[tree.Expr], Node],
    *,
    distinct: bool,
) -> exp.Group:
    """Return GROUP BY with its grouping sets listed one by one; ``bind`` binds one key."""
    if not any(isinstance(part, tree.Grouping) for part in parts):
        keys = [bind(part) for part in parts if not isinstance(part, tree.Grouping)]
        return exp.Group(expressions=keys)
    sets: list[_Keys] = [[]]
    for part in parts:
        more = _sets(part, bind)
        if len(sets) * len(more) > SETS_MAX:
            raise InvalidStatement(
                f"too many grouping sets present (maximum {SETS_MAX})", "statement_too_complex"
            )
        sets = [[*one, *other] for one in sets for other in more]
    sets = [list(dict.fromkeys(one)) for one in sets]
    if distinct:
        sets = list({frozenset(one): one for one in reversed(sets)}.values())[::-1]
    keys = list(dict.fromkeys(key for one in sets for key in one))
    if len(sets) == 1 and keys:
        return exp.Group(expressions=keys)
    return exp.Group(expressions=keys, sets=[exp.Tuple(expressions=one) for one in sets])


def _sets(part: tree.Expr | tree.Grouping, bind: Callable[[tree.Expr], Node]) -> list[_Keys]:
    """Return the grouping sets that a part of GROUP BY stands for.

    Source: the PostgreSQL manual, 7.2.4 "GROUPING SETS, CUBE, and ROLLUP".
    """
    if not isinstance(part, tree.Grouping):
        return [[bind(part)]]
    if part.kind == "set":
        return [[bind(item) for item in part.items if not isinstance(item, tree.Grouping)]]
    if part.kind == "sets":
        return [one for item in part.items for one in _sets(item, bind)]
    if part.kind == "cube" and len(part.items) > CUBE_MAX:
        raise InvalidStatement(
            f"CUBE is limited to {CUBE_MAX} elements", "too_many_columns", position=part.at + 1
        )
    members = [_sets(item, bind)[0] for item in part.items]
    counts = range(len(members), -1, -1)
    if part.kind == "rollup":
        chosen = [tuple(members[:count]) for count in counts]
    else:
        chosen = [some for count in counts for some in combinations(members, count)]
    return [[key for member in some for key in member] for some in chosen]


def check(scope: Scope, group: exp.Group, values: list[Node]) -> None:
    """Raise InvalidStatement (grouping_error) for a column that has no one value in a group."""
    groups = group.expressions
    if any(not isinstance(key, exp.Column) for key in groups):
        pin([*groups, *values])
    keys = set(groups)
    sets = [set(one.expressions) for one in group.args.get("sets", ())]
    # A key determines other columns if it is one in every set.
    dependent = _dependent_sources(
        scope, [key for key in groups if all(key in one for one in sets)]
    )
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
        # Of a deferrable key rows may be equal for a while.
        if key is None or key.deferrable:
            continue
        if all((source.alias, name) in grouped for name in key.columns):
            found.add(source.alias)
    return found


def _check(scope: Scope, node: Node, keys: set[Node], dependent: set[str], *, inside: bool) -> None:
    if node in keys:
        return
    if node.meta.get("aggregate") == scope.number:
        for argument in node.meta.get("direct", ()):
            _check_direct(scope, argument, keys, dependent)
        return
    if node.meta.get("grouping") == scope.number:
        _check_grouping(node, keys)
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


def _check_direct(scope: Scope, argument: Node, keys: set[Node], dependent: set[str]) -> None:
    try:
        _check(scope, argument, keys, dependent, inside=False)
    except InvalidStatement as error:
        error.detail = "Direct arguments of an ordered-set aggregate must use only grouped columns."
        raise


def _check_grouping(node: Node, keys: set[Node]) -> None:
    for argument in node.expressions:
        if argument not in keys:
            raise InvalidStatement(
                "arguments to GROUPING must be grouping expressions of the associated query level",
                "grouping_error",
                position=1
                + min(nodes.at_of(part) for part in argument.walk() if "at" in part.meta),
            )


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
