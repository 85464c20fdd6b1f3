"""Which casts PostgreSQL has, and how freely they are applied.

``CASTS`` holds the facts of PostgreSQL 15's catalog ``pg_cast``. Besides those, every type casts
to the text types by its output function (on assignment) and from them by its input function
(explicitly), as section "CREATE CAST" of its manual says.
"""

from __future__ import annotations

from typing import Literal

from fivefold.values.types import TEXTS, Kind, Type

Context = Literal["implicit", "assignment", "explicit"]

_IMPLICIT = """
    bpchar>name bpchar>text bpchar>varchar char>text date>timestamp date>timestamptz
    float4>float8 int2>float4 int2>float8 int2>int4 int2>int8 int2>numeric int2>oid
    int2>regclass int2>regnamespace int2>regoper int2>regoperator int2>regproc int2>regprocedure
    int2>regrole int2>regtype int4>float4 int4>float8 int4>int8 int4>numeric int4>oid
    int4>regclass int4>regnamespace int4>regoper int4>regoperator int4>regproc int4>regprocedure
    int4>regrole int4>regtype int8>float4 int8>float8 int8>numeric int8>oid int8>regclass
    int8>regnamespace int8>regoper int8>regoperator int8>regproc int8>regprocedure int8>regrole
    int8>regtype name>text numeric>float4 numeric>float8 oid>regclass oid>regnamespace
    oid>regoper oid>regoperator oid>regproc oid>regprocedure oid>regrole oid>regtype
    pg_node_tree>text regclass>oid regnamespace>oid regoper>oid regoper>regoperator
    regoperator>oid regoperator>regoper regproc>oid regproc>regprocedure regprocedure>oid
    regprocedure>regproc regrole>oid regtype>oid text>bpchar text>name text>regclass
    text>varchar time>interval timestamp>timestamptz varchar>bpchar varchar>name
    varchar>regclass varchar>text
"""
_ASSIGNMENT = """
    bool>bpchar bool>text bool>varchar bpchar>char char>bpchar char>varchar float4>int2
    float4>int4 float4>int8 float4>numeric float8>float4 float8>int2 float8>int4 float8>int8
    float8>numeric int4>int2 int8>int2 int8>int4 interval>time json>jsonb jsonb>json name>bpchar
    name>varchar numeric>int2 numeric>int4 numeric>int8 oid>int4 oid>int8 regclass>int4
    regclass>int8 regnamespace>int4 regnamespace>int8 regoper>int4 regoper>int8 regoperator>int4
    regoperator>int8 regproc>int4 regproc>int8 regprocedure>int4 regprocedure>int8 regrole>int4
    regrole>int8 regtype>int4 regtype>int8 text>char timestamp>date timestamp>time
    timestamptz>date timestamptz>time timestamptz>timestamp varchar>char
"""
_EXPLICIT = """
    bool>int4 char>int4 int4>bool int4>char jsonb>bool jsonb>float4 jsonb>float8 jsonb>int2
    jsonb>int4 jsonb>int8 jsonb>numeric
"""


def _pairs(names: str) -> list[tuple[Kind, Kind]]:
    pairs = [pair.split(">") for pair in names.split()]
    return [(Kind(source), Kind(target)) for source, target in pairs]


CASTS: dict[tuple[Kind, Kind], Context] = {
    **dict.fromkeys(_pairs(_IMPLICIT), "implicit"),
    **dict.fromkeys(_pairs(_ASSIGNMENT), "assignment"),
    **dict.fromkeys(_pairs(_EXPLICIT), "explicit"),
}


def cast_context(source: Type, target: Type) -> Context | None:
    """Return how freely ``source`` casts to ``target``; None if it does not at all."""
    if source.kind is Kind.UNKNOWN or (
        source.kind is target.kind and source.kind is not Kind.ARRAY
    ):
        return "implicit"
    if source.element is not None and target.element is not None:
        return cast_context(source.element, target.element)
    context = CASTS.get((source.kind, target.kind))
    if context is not None:
        return context
    if target.kind in TEXTS:
        return "assignment"
    return "explicit" if source.kind in TEXTS else None
