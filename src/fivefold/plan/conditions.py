"""Takes conditions apart."""

from __future__ import annotations

from collections.abc import Iterator

from fivefold.plan import nodes as exp


def conjuncts(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the conditions that hold together."""
    return _parts(node, exp.And)


def alternatives(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the conditions of which one has to hold."""
    return _parts(node, exp.Or)


def _parts(node: exp.Expr, kind: type[exp.And] | type[exp.Or]) -> Iterator[exp.Expr]:
    if isinstance(node, exp.Paren):
        yield from _parts(node.this, kind)
    elif isinstance(node, kind):
        yield from _parts(node.this, kind)
        yield from _parts(node.expression, kind)
    else:
        yield node
