"""Names output columns that have no alias, as PostgreSQL does."""

from __future__ import annotations

from fivefold.languages.sql import tree

UNNAMED = "?column?"


def output_name(node: tree.Expr) -> str:
    """Return the name that a select list gives to an expression."""
    return _named(node)[0] or UNNAMED


def _named(node: tree.Expr) -> tuple[str, bool]:
    """Return (name, whether it is a strong one): a weak one gives way to what is around it."""
    if isinstance(node, tree.Name):
        return node.parts[-1], True
    if isinstance(node, tree.Call):
        return node.name[-1], True
    if isinstance(node, tree.Special):
        return node.name, True
    if isinstance(node, tree.Field) and node.name is not None:
        return node.name, True
    if isinstance(node, tree.Subscript):
        return _named(node.operand)
    if isinstance(node, tree.Cast):
        name, strong = _named(node.operand)
        return (name, True) if strong else (node.type.parts[-1], False)
    if isinstance(node, tree.Collate):
        return _named(node.operand)
    if isinstance(node, tree.Case):
        if node.otherwise is not None:
            name, strong = _named(node.otherwise)
            if strong:
                return name, True
        return "case", False
    if isinstance(node, tree.Exists):
        return "exists", True
    if isinstance(node, tree.ArrayQuery | tree.ArrayOf):
        return "array", True
    if isinstance(node, tree.RowOf):
        return "row", True
    if isinstance(node, tree.Scalar):
        return _of_query(node.query), True
    return "", False


def _of_query(query: tree.Query) -> str:
    body = query.body
    while isinstance(body, tree.SetOperation):
        body = body.left.body
    if isinstance(body, tree.Values):
        return "column1"
    if not body.targets:
        return ""
    target = body.targets[0]
    return target.alias or _named(target.value)[0]
