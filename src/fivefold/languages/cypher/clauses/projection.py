"""WITH and RETURN as operators: which of the columns each of their parts sees.

ORDER BY and WHERE see the columns that were there and those that are made, the latter first. Once
rows are grouped or made distinct, the old columns are gone; an expression that is also an item is
then that item's column.

Source: openCypher 9, "WITH", "RETURN"; the TCK's features with-orderBy and with-where.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.aggregations import AGGREGATIONS, is_aggregating
from fivefold.languages.cypher.clauses.aggregating import Aggregated, EagerAggregation
from fivefold.languages.cypher.clauses.projecting import (
    Distinct,
    Keep,
    Limit,
    Projection,
    Skip,
    Sort,
    Top,
)
from fivefold.languages.cypher.clauses.reading import Filter
from fivefold.languages.cypher.context import Context, Names
from fivefold.languages.cypher.operators import Argument, Operator
from fivefold.languages.cypher.printing import printed
from fivefold.languages.cypher.walk import looks, replaced, shape


def compile_projection(
    projection: tree.Projection,
    where: tree.Expression | None,
    scope: Names,
    context: Context,
    argument: Argument,
) -> tuple[list[Operator], tuple[str, ...]]:
    """Return the operators of a projection and its columns, in order.

    ``argument`` is where the query's rows come from: an aggregation without rows takes the
    variables of the queries around it from there.
    """
    return _Projecting(projection, where, scope, context, argument).compile()


class _Projecting:
    """One projection on its way to become operators."""

    def __init__(
        self,
        projection: tree.Projection,
        where: tree.Expression | None,
        scope: Names,
        context: Context,
        argument: Argument,
    ) -> None:
        self.projection = projection
        self.where = where
        self.context = context
        self.argument = argument
        self.items = _items(projection, scope)
        self.names = tuple(name for name, _ in self.items)
        self.is_grouped = any(is_aggregating(expression) for _, expression in self.items)
        # What the items were before anything was put in their places.
        self.known = {shape(expression): name for name, expression in self.items}
        self.operators: list[Operator] = []
        self.has_more = False
        """Rows have columns that only ORDER BY and WHERE may see."""

    def compile(self) -> tuple[list[Operator], tuple[str, ...]]:
        order = self.projection.order
        if self.is_grouped:
            order = self._group()
        elif self.projection.distinct:
            self._project(self.items, keeps=self.context.ambient)
            order = self._seen_after(self._column)
        elif order or self.where is not None:
            self._project(self.items, keeps=True)
            self.has_more = True
        else:
            self._project(self.items, keeps=self.context.ambient)
        if self.projection.distinct:
            self.operators.append(Distinct(self.names))
        self._order_and_cut(order)
        if self.where is not None:
            self.operators.append(_filter(self.where, self.names, self.context))
        if self.has_more:
            self.operators.append(Keep(self.names, self.context.ambient))
        return self.operators, self.names

    def _project(self, items: Sequence[tuple[str, tree.Expression]], keeps: bool | Names) -> None:
        made = [(name, self.context.evaluate(expression)) for name, expression in items]
        text = ", ".join(
            name
            if expression == tree.Variable(name, at=getattr(expression, "at", 0))
            else f"{printed(expression)} AS {name}"
            for name, expression in items
        )
        names = self.names
        projection = Projection(names, made, keeps, text)
        projection.reads = looks(*(expression for _, expression in items))
        self.operators.append(projection)

    def _group(self) -> tuple[tree.Sort, ...]:
        """Add the aggregation; return ORDER BY with variables in the places of what is grouped."""
        # A call that is an item is that item's column; others have columns of their own.
        taken = {
            shape(one): Aggregated(name, one)
            for name, one in self.items
            if isinstance(one, tree.Call | tree.CountStar) and _is_call(one)
        }

        def take(node: Any) -> tree.Expression | None:
            if isinstance(node, tree.Subquery):
                return node  # what it aggregates is its own
            if not _is_call(node):
                return None
            key = shape(node)
            if key not in taken:
                taken[key] = Aggregated(f" aggregate {len(taken)}", node)
            return tree.Variable(taken[key].name, at=node.at)

        groups = [(name, one) for name, one in self.items if not is_aggregating(one)]
        keys = {shape(one): name for name, one in groups}

        def grouped(node: Any) -> tree.Expression | None:
            found = keys.get(shape(node))
            return take(node) if found is None else tree.Variable(found, at=node.at)

        made = {call.name for call in taken.values()}
        mixed = [
            (name, replaced(one, grouped))
            for name, one in self.items
            if is_aggregating(one) and name not in made
        ]

        def ordered(node: Any) -> tree.Expression | None:
            return self._column(node) or take(node)

        order = self._seen_after(ordered)
        self.operators.append(
            EagerAggregation(self.names, groups, list(taken.values()), self.context, self.argument)
        )
        if mixed:
            self._project(mixed, keeps=True)
        self.has_more = len(taken) + len(groups) > len(self.items) - len(mixed)
        return order

    def _seen_after(self, substitute: Callable[[Any], Any]) -> tuple[tree.Sort, ...]:
        """Return ORDER BY, and change WHERE, for rows that no longer have the old columns."""
        if self.where is not None:
            self.where = replaced(self.where, substitute)
        return tuple(
            tree.Sort(replaced(one.expression, substitute), one.descending)
            for one in self.projection.order
        )

    def _column(self, node: Any) -> tree.Variable | None:
        """Return the column of the item that an expression is."""
        if isinstance(node, tree.Variable) and node.name in self.names:
            return node
        found = self.known.get(shape(node))
        return None if found is None else tree.Variable(found, at=getattr(node, "at", 0))

    def _order_and_cut(self, order: tuple[tree.Sort, ...]) -> None:
        projection, context = self.projection, self.context
        skip = None if projection.skip is None else context.evaluate(projection.skip)
        limit = None if projection.limit is None else context.evaluate(projection.limit)
        skip_text = "" if projection.skip is None else printed(projection.skip)
        limit_text = "" if projection.limit is None else printed(projection.limit)
        if order:
            keys = [(context.evaluate(one.expression), one.descending) for one in order]
            text = ", ".join(
                printed(one.expression) + (" DESC" if one.descending else " ASC") for one in order
            )
            sort = Sort(self.names, keys, text)
            sort.reads = looks(*(one.expression for one in order))
            if limit is None:
                self.operators.append(sort)
            else:
                most, texts = [limit], [limit_text]
                if skip is not None:
                    most, texts = [skip, limit], [skip_text, limit_text]
                top = Top(sort, most, " + ".join(texts))
                top.reads = sort.reads
                self.operators.append(top)
        if skip is not None:
            self.operators.append(Skip(self.names, skip, skip_text))
        if limit is not None and not order:
            self.operators.append(Limit(self.names, limit, limit_text))


def _items(projection: tree.Projection, scope: Names) -> list[tuple[str, tree.Expression]]:
    star = [(name, tree.Variable(name)) for name in sorted(scope)] if projection.star else []
    return [*star, *((item.name, item.expression) for item in projection.items)]


def _filter(where: tree.Expression, names: tuple[str, ...], context: Context) -> Filter:
    return Filter(names, context.evaluate(where), printed(where), looks(where))


def _is_call(node: Any) -> bool:
    return isinstance(node, tree.CountStar) or (
        isinstance(node, tree.Call) and node.name.lower() in AGGREGATIONS
    )
