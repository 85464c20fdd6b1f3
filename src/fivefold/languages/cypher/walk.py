"""Walks over the tree that do not mind which sort of node they meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.values.records import Record, names_of


def parts(node: Any) -> Iterator[Any]:
    """Yield the records right below a node, through tuples."""
    for name in names_of(node):
        yield from _records(getattr(node, name))


def _records(value: Any) -> Iterator[Any]:
    if isinstance(value, Record):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _records(item)


def every(node: Any) -> Iterator[Any]:
    """Yield a node and all below it."""
    yield node
    for part in parts(node):
        yield from every(part)


def names_in(node: Any) -> frozenset[str]:
    """Return all names of variables that an expression mentions, those that it binds too."""
    return frozenset(mentions(node))


def mentions(node: Any) -> Iterator[str]:
    """Yield the name of a variable each time that it is mentioned."""
    for one in every(node):
        if isinstance(one, tree.Variable):
            yield one.name
        elif isinstance(one, tree.NodePattern | tree.RelationshipPattern | tree.PathPattern):
            if one.variable is not None:
                yield one.variable
        elif isinstance(one, tree.SetProperties | tree.SetLabels | tree.RemoveLabels):
            yield one.variable
        elif isinstance(one, tree.MapProjection):
            yield from (name for kind, name, _ in one.items if kind == "variable")
        elif isinstance(one, tree.CallSubquery):
            yield from one.imports or ()


def replaced(node: Any, substitute: Callable[[Any], Any | None]) -> Any:
    """Return the tree with each node for which ``substitute`` gives another put in its place.

    From the top: what was put in place is not looked into.
    """
    other = substitute(node)
    if other is not None:
        return other
    before = [getattr(node, name) for name in names_of(node)]
    after = [_replaced(value, substitute) for value in before]
    if all(one is another for one, another in zip(before, after, strict=True)):
        return node
    return type(node)(*after)


def _replaced(value: Any, substitute: Callable[[Any], Any | None]) -> Any:
    if isinstance(value, Record):
        return replaced(value, substitute)
    if isinstance(value, tuple):
        after = tuple(_replaced(item, substitute) for item in value)
        changed = any(one is not another for one, another in zip(value, after, strict=True))
        return after if changed else value
    return value


def shape(node: Any) -> Any:
    """Return what is equal for two trees that differ only in where they stand in the query."""
    if isinstance(node, Record):
        fields = [getattr(node, name) for name in names_of(node) if name != "at"]
        return (type(node), *map(shape, fields))
    if isinstance(node, tuple):
        return tuple(map(shape, node))
    return type(node), node


_LOOKING = (
    tree.Property,
    tree.Index,
    tree.HasLabels,
    tree.MapProjection,
    tree.PatternPredicate,
    tree.PatternComprehension,
    tree.PatternPaths,
    tree.Subquery,
)


def looks(*nodes: Any) -> bool:
    """Say whether expressions may look into the graph, or at what an entity holds."""
    for node in nodes:
        for one in every(node):
            if isinstance(one, _LOOKING) or (isinstance(one, tree.Call) and one.arguments):
                return True
    return False
