"""Checks of WITH and RETURN: their columns, what is grouped, what ORDER BY and WHERE still see.

Source: openCypher 9, "RETURN", "WITH", "Aggregation"; Neo4j Cypher Manual 5, "Aggregating
functions", "Grouping keys".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import fivefold.languages.cypher.check.expressions as expressions
from fivefold.errors import FivefoldError
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.check.scope import Here, Scope
from fivefold.languages.cypher.check.types import ANY, BOOLEAN, INTEGER, Type, may_be
from fivefold.languages.cypher.functions.table import find
from fivefold.languages.cypher.walk import every, parts, replaced, shape
from fivefold.values.graph.faults import fault

Columns = dict[str, Type]


def is_aggregate(node: Any) -> bool:
    """Say whether this is an aggregating function's call."""
    if isinstance(node, tree.Call):
        function = find(node.name)
        return function is not None and function.aggregating
    return isinstance(node, tree.CountStar)


def aggregates(node: Any) -> bool:
    """Say whether an expression aggregates; a query in it does so by itself."""
    if isinstance(node, tree.Subquery):
        return False
    return is_aggregate(node) or any(aggregates(part) for part in parts(node))


def check_projection(
    projection: tree.Projection, where: tree.Expression | None, here: Here, *, is_return: bool
) -> Columns:
    """Check WITH or RETURN and return its columns with their types."""
    columns = _columns(projection, here, is_return=is_return)
    groups = [item for item in projection.items if not aggregates(item.expression)]
    is_grouped = len(groups) < len(projection.items)
    if is_grouped:
        _check_groups(projection, groups, here)
    if is_grouped or projection.distinct:
        narrow = _Narrow(projection, columns, here)
        for sort in projection.order:
            narrow.check_order(sort.expression, is_grouped=is_grouped)
        if where is not None:
            narrow.check(where, BOOLEAN)
    else:
        wide = Here(here.state, Scope({**here.scope.names, **columns}, here.scope.outer))
        for sort in projection.order:
            _refuse_aggregates(sort.expression)
            expressions.check(sort.expression, wide)
        expressions.check_condition(where, wide)
    for word, count in (("SKIP", projection.skip), ("LIMIT", projection.limit)):
        if count is not None:
            _check_count(word, count, here)
    if not is_return:
        _check_aliases(projection)
    return columns


def _columns(projection: tree.Projection, here: Here, *, is_return: bool) -> Columns:
    columns: Columns = {}
    if projection.star:
        if is_return and not here.scope.names:
            message = "RETURN * is not allowed when there are no variables in scope"
            raise fault("NoVariablesInScope", message, at=projection.at)
        columns.update((name, here.scope.names[name]) for name in sorted(here.scope.names))
    for item in projection.items:
        type = expressions.check(item.expression, here.aggregating())
        if item.name in columns:
            message = "Multiple result columns with the same name are not supported"
            raise fault("ColumnNameConflict", message, at=projection.items[0].at)
        columns[item.name] = type
    return columns


def _check_groups(projection: tree.Projection, groups: list[tree.Item], here: Here) -> None:
    """Check that what stands beside an aggregation is grouped by."""
    keys = {shape(item.expression) for item in groups}
    if projection.star:
        keys |= {shape(tree.Variable(name)) for name in here.scope.names}
    for item in projection.items:
        if aggregates(item.expression):
            _check_beside(item.expression, keys, frozenset())


def _is_simple(node: Any) -> bool:
    """Say whether a grouping key may be used inside an aggregating expression."""
    while isinstance(node, tree.Property):
        node = node.subject
    return isinstance(node, tree.Variable)


def _check_beside(node: Any, keys: set[Any], local: frozenset[str]) -> None:
    if is_aggregate(node) or (_is_simple(node) and shape(node) in keys):
        return
    if isinstance(node, tree.Variable):
        if node.name not in local:
            raise _ambiguous(node.name, node.at)
        return
    local = local | names_bound_by(node)
    for part in parts(node):
        _check_beside(part, keys, local)


def names_bound_by(node: Any) -> frozenset[str]:
    """Return the variables that an expression binds for its own parts."""
    match node:
        case tree.ListComprehension() | tree.Quantifier():
            return frozenset((node.variable,))
        case tree.Reduce():
            return frozenset((node.accumulator, node.variable))
        case tree.PatternComprehension() | tree.Subquery():
            return frozenset(
                name
                for one in every(node)
                if isinstance(name := getattr(one, "variable", None), str)
            )
        case _:
            return frozenset()


def _ambiguous(name: str, at: int) -> FivefoldError:
    return fault(
        "AmbiguousAggregationExpression",
        "Aggregation column contains implicit grouping expressions. For example, in 'RETURN n.a,"
        " n.a + n.b + count(*)' the aggregation expression 'n.a + n.b + count(*)' includes the"
        " implicit grouping key 'n.b'. It may be possible to rewrite the query by extracting these"
        f" grouping/aggregation expressions into a preceding WITH clause. Illegal expression(s):"
        f" {name}",
        at=at,
    )


def _refuse_aggregates(expression: tree.Expression) -> None:
    if aggregates(expression):
        raise fault(
            "InvalidAggregation",
            "Cannot use aggregation in ORDER BY if there are no aggregate expressions in the"
            " preceding RETURN or WITH",
            at=expressions.start(expression),
        )


class _Narrow:
    """ORDER BY and WHERE after rows were grouped or made distinct: only the columns are left.

    An expression that is also an item stands for that item's column.
    """

    def __init__(self, projection: tree.Projection, columns: Mapping[str, Type], here: Here):
        self.scope = Scope(columns, here.scope.outer)
        self.state = here.state
        self.before = here.scope
        self.items = {shape(item.expression): item.name for item in projection.items}

    def check_order(self, expression: tree.Expression, *, is_grouped: bool) -> None:
        if not is_grouped:
            _refuse_aggregates(expression)
        elif aggregates(expression) and shape(expression) not in self.items:
            self._check_beside_aggregates(expression)
        self.check(expression, ANY, aggregating=is_grouped)

    def check(
        self, expression: tree.Expression, wanted: Type, *, aggregating: bool = False
    ) -> None:
        here = Here(self.state, self.scope)
        place = here.aggregating() if aggregating else here
        try:
            expressions.check_type(self._with_columns(expression), place, wanted)
        except FivefoldError as error:
            raise self._gone(error) from None

    def _check_beside_aggregates(self, node: Any) -> None:
        """Raise the fault for a grouping key that is more than a name."""
        if is_aggregate(node):
            return
        if shape(node) in self.items and not _is_simple(node):
            if not isinstance(node, tree.Literal | tree.Parameter):
                raise _ambiguous(self.items[shape(node)], expressions.start(node))
            return
        for part in parts(node):
            self._check_beside_aggregates(part)

    def _with_columns(self, expression: tree.Expression) -> tree.Expression:
        def column(node: Any) -> tree.Variable | None:
            if isinstance(node, tree.Variable) and node.name in self.scope.names:
                return node
            name = self.items.get(shape(node)) if isinstance(node, tree.Expression) else None
            return None if name is None else tree.Variable(name, expressions.start(node))

        put: tree.Expression = replaced(expression, column)
        return put

    def _gone(self, error: FivefoldError) -> FivefoldError:
        """Return a better error if the variable was there before the projection."""
        if error.facts.get("detail") != "UndefinedVariable":
            return error
        name = str(error).split("`")[1]
        if self.before.get(name) is None:
            return error
        return fault(
            "UndefinedVariable",
            "In a WITH/RETURN with DISTINCT or an aggregation, it is not possible to access"
            f" variables declared before the WITH/RETURN: {name}",
            at=None if error.position is None else error.position - 1,
        )


def _check_aliases(projection: tree.Projection) -> None:
    for item in projection.items:
        if not (item.aliased or isinstance(item.expression, tree.Variable)):
            message = "Expression in WITH must be aliased (use AS)"
            raise fault("NoExpressionAlias", message, at=item.at)


def _check_count(word: str, count: tree.Expression, here: Here) -> None:
    """Check the expression of SKIP or LIMIT, ``word``, which sees no row."""
    for node in every(count):
        if isinstance(node, tree.Variable | tree.PatternPredicate | tree.PatternComprehension):
            raise fault(
                "NonConstantExpression",
                f"It is not allowed to refer to variables in {word}, so that the value for {word}"
                " can be statically calculated.",
                at=node.at,
            )
    given = expressions.check(count, Here(here.state, Scope({})))
    value = _constant(count)
    wrong = value is not None and (type(value) is not int or value < 0)
    if wrong or not may_be(given, INTEGER):
        shown = given if value is None else value
        message = f"Invalid input. '{shown}' is not a valid value. Must be a non-negative integer."
        detail = "NegativeIntegerArgument" if type(value) is int else "InvalidArgumentType"
        raise fault(detail, message, at=expressions.start(count))


def _constant(expression: tree.Expression) -> int | float | str | None:
    match expression:
        case tree.Literal((int() | float() | str()) as value):
            return value
        case tree.Unary("-", tree.Literal(int() as value)):
            return -value
        case _:
            return None
