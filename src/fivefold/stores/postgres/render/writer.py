"""What every handler asks for: the text of another node, of a list of nodes, of clauses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from fivefold.errors import Unsupported
from fivefold.plan import nodes as exp
from fivefold.stores.postgres.names import quote

Handler = Callable[[Any], str]

HANDLERS: dict[type[exp.Expr], Handler] = {}
"""One for each class of nodes; entry.py puts them here from the tables of its neighbours."""


def render(tree: exp.Expr) -> str:
    """Return a bound tree as text. Raises Unsupported for what cannot be said."""
    handler = HANDLERS.get(type(tree))
    if handler is None:
        raise Unsupported(f"{tree.key.upper()} is not supported by the PostgreSQL store")
    return handler(tree)


def listed(nodes: Iterable[exp.Expr]) -> str:
    """Write nodes with commas between them."""
    return ", ".join([render(node) for node in nodes])


def names(nodes: Iterable[exp.Expr]) -> str:
    """Write the names of nodes with commas between them."""
    return ", ".join([quote(node.name) for node in nodes])


def clauses(node: exp.Expr, *keys: str) -> list[str]:
    """Write those of the parts that a node has."""
    return [render(node.args[key]) for key in keys if key in node.args]


def worded(word: str) -> Handler:
    """Write a word before one operand."""

    def write(node: exp.Expr) -> str:
        return f"{word} {render(node.expression if node.this is None else node.this)}"

    return write
