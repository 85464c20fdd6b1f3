"""Terms as Cassandra's errors and names of columns show them.

Source: what Cassandra 5.0 answers; it is not always what was written.
"""

from __future__ import annotations

from collections.abc import Sequence

from fivefold.languages.cql.tree import (
    Arithmetic,
    Call,
    Cast,
    ColumnName,
    Constant,
    ElementOf,
    FieldOf,
    ListLiteral,
    MapLiteral,
    Marker,
    Negation,
    SetLiteral,
    SliceOf,
    Term,
    TupleLiteral,
    TypeHint,
    TypeName,
    UserLiteral,
)


def text(term: Term) -> str:
    """Return a term as errors show it."""
    match term:
        case Constant(kind, said):
            return _constant(kind, said)
        case Marker(_, name):
            return "?" if name is None else f":{name}"
        case ListLiteral(items):
            return f"[{_listed(items)}]"
        case SetLiteral(items):
            return f"{{{_listed(items)}}}"
        case TupleLiteral(items):
            return f"({_listed(items)})"
        case MapLiteral(pairs):
            return "{" + ", ".join([f"{text(a)}: {text(b)}" for a, b in pairs]) + "}"
        case UserLiteral(fields):
            return "{" + ", ".join([f"{a}: {text(b)}" for a, b in fields]) + "}"
        case Call((keyspace, name), arguments, star):
            shown = name if keyspace is None else f"{keyspace}.{name}"
            return f"{shown}({'*' if star else _listed(arguments)})"
        case Cast(operand, type):
            return f"cast({text(operand)} as {written(type)})"
        case TypeHint(type, operand):
            return f"({written(type)}){text(operand)}"
        case Arithmetic(operator, left, right):
            return f"{text(left)} {operator} {text(right)}"
        case Negation(operand):
            return f"-{text(operand)}"
        case ColumnName(name):
            return name
        case FieldOf(operand, field):
            return f"{text(operand)}.{field}"
        case ElementOf(operand, key):
            return f"{text(operand)}[{text(key)}]"
        case SliceOf(operand, low, high):
            ends = ["" if each is None else text(each) for each in (low, high)]
            return f"{text(operand)}[{ends[0]}..{ends[1]}]"


def _constant(kind: str, written: str) -> str:
    if kind == "string":
        return "'" + written + "'"
    return "NULL" if kind == "null" else written


def _listed(items: Sequence[Term]) -> str:
    return ", ".join([text(each) for each in items])


def written(type: TypeName) -> str:
    """Return a type as it was written."""
    if type.custom:
        return f"'{type.name}'"
    found = f"{type.keyspace}.{type.name}" if type.keyspace else type.name
    if type.parameters:
        inner = [written(each) for each in type.parameters]
        if type.number is not None:
            inner.append(str(type.number))
        found += f"<{', '.join(inner)}>"
    return f"frozen<{found}>" if type.frozen else found
