"""A tree as CQL's text: names, and the conditions of materialized views.

Source: what Cassandra's DESCRIBE and system_schema.views show.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from fivefold.languages.cql.parse.tokens import KEYWORDS
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
    Relation,
    SetLiteral,
    SliceOf,
    Term,
    TupleLiteral,
    TypeHint,
    TypeName,
    UserLiteral,
)

_PLAIN = re.compile(r"[a-z][a-z0-9_]*")
_WORDS = KEYWORDS | {"TRUE", "FALSE"}


def quoted(name: str) -> str:
    """Return a name as CQL reads it: in quotes only where it needs them."""
    if _PLAIN.fullmatch(name) and name.upper() not in _WORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def string(text: str) -> str:
    """Return a string literal."""
    return "'" + text.replace("'", "''") + "'"


def type_text(type_: TypeName) -> str:
    """Return a type as it was written."""
    if type_.custom:
        return string(type_.name)
    text = quoted(type_.name) if type_.keyspace else type_.name
    if type_.keyspace:
        text = f"{quoted(type_.keyspace)}.{text}"
    if type_.parameters:
        inner = [type_text(each) for each in type_.parameters]
        if type_.number is not None:
            inner.append(str(type_.number))
        text += f"<{', '.join(inner)}>"
    return f"frozen<{text}>" if type_.frozen else text


def relations_text(relations: Sequence[Relation]) -> str:
    """Return relations joined by AND."""
    return " AND ".join([relation_text(each) for each in relations])


def relation_text(relation: Relation) -> str:
    """Return one relation."""
    names = ", ".join([quoted(each.name) for each in relation.left])
    left = f"token({names})" if relation.token else f"({names})" if relation.several else names
    if relation.key is not None:
        left += f"[{term_text(relation.key)}]"
    if relation.field is not None:
        left += f".{quoted(relation.field)}"
    if relation.right is None:
        return f"{left} {relation.operator}"
    return f"{left} {relation.operator} {term_text(relation.right)}"


def term_text(term: Term) -> str:
    """Return a term."""
    match term:
        case Constant(kind, text):
            return string(text) if kind == "string" else text
        case Marker(_, name):
            return "?" if name is None else f":{quoted(name)}"
        case ListLiteral(items):
            return f"[{_listed(items)}]"
        case SetLiteral(items):
            return f"{{{_listed(items)}}}"
        case TupleLiteral(items):
            return f"({_listed(items)})"
        case MapLiteral(pairs):
            return "{" + ", ".join([f"{term_text(a)}: {term_text(b)}" for a, b in pairs]) + "}"
        case UserLiteral(fields):
            return "{" + ", ".join([f"{quoted(a)}: {term_text(b)}" for a, b in fields]) + "}"
        case Call((keyspace, name), arguments, star):
            shown = name if keyspace is None else f"{keyspace}.{name}"
            return f"{shown}({'*' if star else _listed(arguments)})"
        case Cast(operand, type_):
            return f"cast({term_text(operand)} as {type_text(type_)})"
        case TypeHint(type_, operand):
            return f"({type_text(type_)}) {term_text(operand)}"
        case Arithmetic(operator, left, right):
            return f"{term_text(left)} {operator} {term_text(right)}"
        case Negation(operand):
            return f"-{term_text(operand)}"
        case ColumnName(name):
            return quoted(name)
        case FieldOf(operand, field):
            return f"{term_text(operand)}.{quoted(field)}"
        case ElementOf(operand, key):
            return f"{term_text(operand)}[{term_text(key)}]"
        case SliceOf(operand, low, high):
            ends = ["" if each is None else term_text(each) for each in (low, high)]
            return f"{term_text(operand)}[{ends[0]}..{ends[1]}]"


def _listed(items: Sequence[Term]) -> str:
    return ", ".join([term_text(each) for each in items])
