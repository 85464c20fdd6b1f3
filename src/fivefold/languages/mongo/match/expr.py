"""``$expr``: an expression of the aggregation language as a condition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fivefold.languages.mongo.match.tree import Expr
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document


def check_expression(expression: Any, names: Sequence[str]) -> None:
    """Raise the error of an expression that is none, or that uses an unknown variable."""
    raise fault(115, "$expr is not supported: compare the field with a constant")


def expression_matcher(node: Expr, variables: Mapping[str, Any]) -> Callable[[Document], bool]:
    """Return what tells whether the expression is true of a document."""
    raise fault(115, "$expr is not supported: compare the field with a constant")
