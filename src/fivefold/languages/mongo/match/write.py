"""Filters written out again, from their trees: as ``explain`` shows what was understood."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fivefold.languages.mongo.match.tree import (
    Always,
    And,
    Bits,
    Compare,
    ElemMatch,
    ElemMatchValue,
    Exists,
    Expr,
    In,
    JsonSchema,
    Mod,
    Node,
    Nor,
    Not,
    Or,
    Regex,
    Size,
    TypeIs,
)
from fivefold.values.documents.kinds import Document


def written(node: Node) -> Document:
    """Return a filter that parses to the node."""
    match node:
        case Always(value):
            return {} if value else {"$alwaysFalse": 1}
        case And(nodes):
            return {"$and": [written(one) for one in nodes]}
        case Or(nodes):
            return {"$or": [written(one) for one in nodes]}
        case Nor(nodes):
            return {"$nor": [written(one) for one in nodes]}
        case Not(inner):
            if isinstance(inner, _LEAVES):
                return {".".join(inner.path): {"$not": _operator(inner)}}
            return {"$nor": [written(inner)]}
        case Expr(expression):
            return {"$expr": expression}
        case JsonSchema(schema):
            return {"$jsonSchema": schema}
    return {".".join(node.path): _operator(node)}


_LEAVES = (
    *(Compare, In, Exists, TypeIs, Regex, Mod, Size),
    *(ElemMatch, ElemMatchValue, Bits),
)


def _operator(node: Any) -> Document:
    match node:
        case Compare(_, op, value):
            return {op: value}
        case In(_, values, patterns):
            return {"$in": [*values, *(_operator(one) for one in patterns)]}
        case Exists():
            return {"$exists": True}
        case TypeIs(_, kinds):
            return {"$type": sorted(int(kind) for kind in kinds)}
        case Regex(_, pattern, options):
            shown: Document = {"$regex": pattern}
            return shown | {"$options": options} if options else shown
        case Mod(_, divisor, remainder):
            return {"$mod": [divisor, remainder]}
        case Size(_, size):
            return {"$size": size}
        case ElemMatch(_, inner):
            return {"$elemMatch": written(inner)}
        case ElemMatchValue(_, inner):
            return {"$elemMatch": _operators(inner)}
        case Bits(_, op, positions):
            return {op: list(positions)}
    raise AssertionError(node)


def _operators(node: Node) -> Document:
    """Return the operators that an element itself has to satisfy."""
    if isinstance(node, And):
        return _merged(_operators(one) for one in node.nodes)
    if isinstance(node, Not):
        return {"$not": _operators(node.node)}
    if isinstance(node, _LEAVES):
        return _operator(node)
    return written(node)


def _merged(parts: Iterable[Document]) -> Document:
    whole: Document = {}
    for part in parts:
        whole |= part
    return whole
