"""``$expr``: an expression of the aggregation language as a condition (manual, "$expr")."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fivefold.languages.mongo.expressions import Scope, compile_expression
from fivefold.languages.mongo.expressions.booleans import truth
from fivefold.languages.mongo.match.tree import Expr
from fivefold.values.documents.kinds import Document


def check_expression(expression: Any, names: Sequence[str]) -> None:
    """Raise the error of an expression that is none, or that uses an unknown variable."""
    compile_expression(expression, Scope().having(*names))


def expression_matcher(node: Expr, variables: Mapping[str, Any]) -> Callable[[Document], bool]:
    """Return what tells whether the expression is true of a document."""
    run = compile_expression(node.expression, Scope().having(*node.names))
    known = dict(variables)
    return lambda document: truth(run(document, known))
