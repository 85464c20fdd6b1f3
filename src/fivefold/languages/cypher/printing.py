"""The tree as text, as EXPLAIN shows expressions and patterns; longer than that it is cut."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fivefold.languages.cypher import tree
from fivefold.values.graph.text import literal, name_text

TEXT_MAX: Final = 200
"""Characters of an expression that are shown."""


def printed(expression: tree.Expression | tree.PathPattern) -> str:
    """Return an expression's or a pattern's text, cut after ``TEXT_MAX`` characters."""
    text = _text(expression)
    return text if len(text) <= TEXT_MAX else f"{text[:TEXT_MAX]}…"


def labels_text(labels: tree.Labels | None) -> str:
    """Return a label expression as it stands in a pattern, nothing for None."""
    return "" if labels is None else f":{_labels(labels)}"


def relationship_text(pattern: tree.RelationshipPattern, variable: str) -> str:
    """Return a relationship's pattern, ``-[r:T*1..2]->``; a hidden variable is left out."""
    name = "" if variable.startswith(" ") else variable
    inside = f"{name}{labels_text(pattern.types)}{_length(pattern.length)}"
    left = "<-" if pattern.direction is tree.Direction.LEFT else "-"
    right = "->" if pattern.direction is tree.Direction.RIGHT else "-"
    return f"{left}[{inside}]{right}"


def _length(length: tree.Length | None) -> str:
    if length is None:
        return ""
    least = "" if length.least is None else str(length.least)
    most = "" if length.most is None else str(length.most)
    return f"*{least}" if least and least == most else f"*{least}..{most}" if least or most else "*"


def _labels(labels: tree.Labels) -> str:
    match labels:
        case tree.Label(name=name):
            return name_text(name)
        case tree.AnyLabel():
            return "%"
        case tree.LabelNot(operand=operand):
            return f"!{_labels(operand)}"
        case tree.LabelAnd(operands=operands):
            return "&".join(map(_labels, operands))
        case tree.LabelOr(operands=operands):
            return "|".join(map(_labels, operands))
    raise AssertionError(labels)


def _text(node: Any) -> str:
    write = _WRITE.get(type(node))
    return type(node).__name__ if write is None else write(node)


def _list(nodes: tuple[Any, ...]) -> str:
    return ", ".join(map(_text, nodes))


def _map(node: tree.MapLiteral) -> str:
    return "{" + ", ".join(f"{name_text(key)}: {_text(one)}" for key, one in node.entries) + "}"


def _call(node: tree.Call) -> str:
    distinct = "DISTINCT " if node.distinct else ""
    return f"{node.name}({distinct}{_list(node.arguments)})"


def _binary(node: tree.Binary) -> str:
    return f"{_operand(node.left)} {node.op.upper()} {_operand(node.right)}"


def _unary(node: tree.Unary) -> str:
    return f"NOT {_operand(node.operand)}" if node.op == "not" else node.op + _operand(node.operand)


def _operand(node: tree.Expression) -> str:
    text = _text(node)
    return f"({text})" if isinstance(node, tree.Binary | tree.Unary) else text


def _slice(node: tree.Slice) -> str:
    start = "" if node.start is None else _text(node.start)
    end = "" if node.end is None else _text(node.end)
    return f"{_text(node.subject)}[{start}..{end}]"


def _is_null(node: tree.IsNull) -> str:
    return f"{_operand(node.operand)} IS {'NOT ' if node.negated else ''}NULL"


def _is_typed(node: tree.IsTyped) -> str:
    return f"{_operand(node.operand)} IS {'NOT ' if node.negated else ''}:: {node.type}"


def _case(node: tree.Case) -> str:
    words = ["CASE"]
    if node.subject is not None:
        words.append(_text(node.subject))
    for when, then in node.whens:
        words.append(f"WHEN {_text(when)} THEN {_text(then)}")
    if node.otherwise is not None:
        words.append(f"ELSE {_text(node.otherwise)}")
    return " ".join([*words, "END"])


def _comprehension(node: tree.ListComprehension) -> str:
    where = "" if node.where is None else f" WHERE {_text(node.where)}"
    body = "" if node.body is None else f" | {_text(node.body)}"
    return f"[{node.variable} IN {_text(node.source)}{where}{body}]"


def _pattern_comprehension(node: tree.PatternComprehension) -> str:
    where = "" if node.where is None else f" WHERE {_text(node.where)}"
    return f"[{_path(node.pattern)}{where} | {_text(node.body)}]"


def _quantifier(node: tree.Quantifier) -> str:
    return f"{node.kind}({node.variable} IN {_text(node.source)} WHERE {_text(node.where)})"


def _reduce(node: tree.Reduce) -> str:
    return (
        f"reduce({node.accumulator} = {_text(node.initial)},"
        f" {node.variable} IN {_text(node.source)} | {_text(node.body)})"
    )


def _projection(node: tree.MapProjection) -> str:
    return f"{node.subject.name} {{{', '.join(_projected(*item) for item in node.items)}}}"


def _projected(kind: str, name: str, value: tree.Expression | None) -> str:
    if value is not None:
        return f"{name_text(name)}: {_text(value)}"
    return {"property": f".{name}", "all": ".*", "variable": name}[kind]


def _path(node: tree.PathPattern) -> str:
    text = "".join(
        _node(one)
        if isinstance(one, tree.NodePattern)
        else relationship_text(one, one.variable or " ")
        for one in node.elements
    )
    text = text if node.shortest is None else f"{node.shortest.value}({text})"
    return text if node.variable is None else f"{node.variable} = {text}"


def _node(node: tree.NodePattern) -> str:
    return f"({node.variable or ''}{labels_text(node.labels)})"


_WRITE: Final[dict[type, Callable[[Any], str]]] = {
    tree.Literal: lambda node: literal(node.value),
    tree.ListLiteral: lambda node: f"[{_list(node.items)}]",
    tree.MapLiteral: _map,
    tree.Parameter: lambda node: f"${name_text(node.name)}",
    tree.Variable: lambda node: node.name.lstrip(),
    tree.Property: lambda node: f"{_operand(node.subject)}.{name_text(node.key)}",
    tree.Index: lambda node: f"{_text(node.subject)}[{_text(node.index)}]",
    tree.Slice: _slice,
    tree.HasLabels: lambda node: f"{_text(node.subject)}{labels_text(node.labels)}",
    tree.Unary: _unary,
    tree.Binary: _binary,
    tree.IsNull: _is_null,
    tree.IsTyped: _is_typed,
    tree.Call: _call,
    tree.CountStar: lambda node: "count(*)",
    tree.Case: _case,
    tree.ListComprehension: _comprehension,
    tree.PatternComprehension: _pattern_comprehension,
    tree.Quantifier: _quantifier,
    tree.Reduce: _reduce,
    tree.MapProjection: _projection,
    tree.PatternPredicate: lambda node: _path(node.pattern),
    tree.PatternPaths: lambda node: _path(node.pattern),
    tree.Subquery: lambda node: f"{node.kind.upper()} {{ … }}",
    tree.PathPattern: _path,
}
