"""Casts: SQLite's own where it gives exactly PostgreSQL's result, else a function."""

from __future__ import annotations

from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.sqlite.functions.codes import code_of
from fivefold.stores.sqlite.gaps import collation_of
from fivefold.stores.sqlite.render import shadows
from fivefold.stores.sqlite.render.writer import Handler, Loose, Writer, bare, closed, string
from fivefold.values.numbers import OID_MAX
from fivefold.values.types import (
    DATETIMES,
    FLOATS,
    INTEGER_RANGE,
    INTEGERS,
    REFERENCES,
    TEXTS,
    VECTOR_ELEMENTS,
    Kind,
    Type,
)

_TEXT_LIKE = frozenset({Kind.TEXT, Kind.VARCHAR, Kind.NAME, Kind.UNKNOWN})
_SHOWN_AS_STORED = frozenset(
    {*_TEXT_LIKE, Kind.NUMERIC, Kind.DATE, Kind.TIME, Kind.TIMESTAMP, Kind.UUID, Kind.JSON}
    | {Kind.JSONB, Kind.INTERVAL, Kind.CHAR, Kind.NODE_TREE, Kind.ACLITEM, Kind.ENUM}
)
"""Kinds whose text is their stored form (bpchar loses its blanks when it becomes text)."""


_WRITTEN = frozenset({*TEXTS, Kind.UNKNOWN})


def cast(w: Writer, node: exp.Expr) -> str:
    """Write a cast; assignment casts refuse what explicit ones cut off."""
    source, target = type_of(node.this), type_of(node)
    return cast_text(w, node.this, source, target, assigned=bool(node.meta.get("assignment")))


def padded(w: Writer, node: exp.Expr) -> str:
    """Return a value's text; that of character(n) with the blanks which are not stored."""
    type_ = type_of(node)
    if type_.kind is not Kind.BPCHAR or type_.length is None:
        return w.sql(node)
    return f"substr({w.closed(node)} || {string(' ' * type_.length)}, 1, {type_.length})"


def cast_text(
    w: Writer, node: exp.Expr, source: Type, target: Type, *, assigned: bool = False
) -> str:
    """Return the text of a value of type ``source`` as ``target``."""
    native = _native(w, node, source, target, assigned=assigned)
    if native is not None:
        if collation_of(source) is None or collation_of(target) is not None or assigned:
            return native
        # A column's own collation would go with it: 1.5 and 1.50 are two texts.
        return f"{closed(native)} COLLATE BINARY"
    name = _function(assigned=assigned)
    kinds = (_base(source).kind, _base(target).kind)
    if Kind.TIMESTAMPTZ in kinds or (kinds[0] in _WRITTEN and kinds[1] in DATETIMES and not w.pure):
        name += "_here"
    text = w.sql(node) if target.kind in TEXTS else padded(w, node)
    return f"{name}({text}, {string(code_of(source))}, {string(code_of(target))})"


def _function(*, assigned: bool) -> str:
    return "ff_assign" if assigned else "ff_cast"


def _base(type_: Type) -> Type:
    return type_ if type_.element is None else type_.element


def _native(w: Writer, node: exp.Expr, source: Type, target: Type, *, assigned: bool) -> str | None:
    if source == target or isinstance(bare(node), exp.Null):
        return w.sql(node)
    plain = target.length is None and target.precision is None
    one, other = source.kind, target.kind
    if one in (Kind.TEXT, Kind.JSONB):
        read = shadows.cast(w, node, other)
        if read is not None:
            return read
    if one is other and plain and target.element is None:
        return w.sql(node)
    if one in REFERENCES or other in REFERENCES:
        return _reference(w, node, one, target, assigned=assigned)
    if one in VECTOR_ELEMENTS and target.element is not None:
        return w.sql(node)
    if one in INTEGERS:
        return _from_integer(w, node, one, target)
    if other in _TEXT_LIKE and (one in _SHOWN_AS_STORED or one is Kind.BPCHAR):
        if target.length is None:
            return w.sql(node) if other is not Kind.NAME or one is Kind.NAME else None
        if one in TEXTS or one is Kind.UNKNOWN:
            return _cut(w, node, target.length, assigned=assigned, code=code_of(target))
        return None
    if not plain:
        return None
    match one, other:
        case Kind.FLOAT4, Kind.FLOAT8:
            return w.sql(node)
        case Kind.BOOLEAN, Kind.INT4:
            return w.sql(node)
        case Kind.BOOLEAN, _ if other in _TEXT_LIKE and other is not Kind.NAME:
            return f"CASE {w.sql(node)} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"
        case (Kind.TIMESTAMP, Kind.DATE):
            return f"substr({w.sql(node)}, 1, 10)"
        case (Kind.JSONB, Kind.JSON):
            return w.sql(node)
        case (Kind.DATE, Kind.TIMESTAMP) if isinstance(bare(node), (exp.Column, exp.Parameter)):
            text = w.sql(node)  # infinity is shorter than any date
            return f"iif(length({text}) = 10, {text} || ' 00:00:00', {text})"
    return None


def _from_integer(w: Writer, node: exp.Expr, one: Kind, target: Type) -> str | None:
    other = target.kind
    if other in INTEGERS:
        if INTEGER_RANGE[other][1] >= INTEGER_RANGE[one][1]:
            return w.sql(node)
        if isinstance(bare(node), (exp.Column, exp.Parameter)) and not w.pure:
            low, high = INTEGER_RANGE[other]
            text = w.sql(node)
            return (
                f"CASE WHEN {text} NOT BETWEEN {low} AND {high} THEN ff_fail('{other}') "
                f"ELSE {text} END"
            )
        return None
    if target.length is not None or target.precision is not None:
        return None
    if other in (Kind.TEXT, Kind.VARCHAR, Kind.NUMERIC):
        value = bare(node)
        if isinstance(value, exp.Literal):
            return string(w.sql(value))
        return f"CAST({w.sql(node)} AS TEXT)"
    if other is Kind.FLOAT8:
        return f"CAST({w.sql(node)} AS REAL)"
    if other is Kind.BOOLEAN:
        return Loose(f"{w.closed(node)} <> 0")
    if other in FLOATS:
        return None
    return None


def _reference(w: Writer, node: exp.Expr, one: Kind, target: Type, *, assigned: bool) -> str | None:
    """Write a cast from or to an oid or a name for one; from an integer it may be out of range."""
    other, length = target.kind, target.length
    if one in REFERENCES and other in REFERENCES:
        return w.sql(node)
    value = bare(node)
    if one in INTEGERS and isinstance(value, exp.Literal) and 0 <= int(value.this) <= OID_MAX:
        return w.sql(node)
    if one in _TEXT_LIKE and other is not Kind.OID:
        return f"ff_reg_oid('{other}', {w.sql(node)})"
    if other in (Kind.TEXT, Kind.VARCHAR, Kind.UNKNOWN) and one is not Kind.OID:
        shown = f"ff_reg_name('{one}', {w.sql(node)})"
        if length is None:
            return shown
        return f"{_function(assigned=assigned)}({shown}, 'text', {string(code_of(target))})"
    if one is Kind.OID and other in (Kind.TEXT, Kind.VARCHAR) and length is None:
        return f"CAST({w.sql(node)} AS TEXT)"
    return w.sql(node) if one is Kind.OID and other is Kind.INT8 else None


def _cut(w: Writer, node: exp.Expr, length: int, *, assigned: bool, code: str) -> str | None:
    if not assigned:
        return f"substr({w.sql(node)}, 1, {length})"
    if not isinstance(bare(node), (exp.Column, exp.Parameter)):
        return None
    text = w.sql(node)
    refuse = f"ff_assign({text}, 'text', {string(code)})"
    return f"iif(length({text}) > {length}, {refuse}, {text})"


HANDLERS: dict[type[exp.Expr], Handler] = {exp.Cast: cast}
