"""The functions behind operators, by PostgreSQL's names of them (pg_operator.oprcode).

Programs hardly call ``int4pl(1, 2)``; where one does, it is bound as the operator itself. Those of
two integer types of different size are what the operator makes of them after a cast.
"""

from __future__ import annotations

from collections.abc import Iterator

_COMPARED = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_ARITHMETIC = {"pl": "+", "mi": "-", "mul": "*", "div": "/"}
_NUMERIC = {"add": "+", "sub": "-", "mul": "*", "div": "/", "mod": "%"}
_BITS = {"and": "&", "or": "|", "xor": "#"}
_GLUED = {
    "int2": "int2", "int4": "int4", "int8": "int8", "float4": "float4", "float8": "float8",
    "bool": "bool", "text": "text", "bpchar": "bpchar", "name": "name", "bytea": "bytea",
    "oid": "oid",
}  # fmt: skip
_APART = ("numeric", "date", "time", "timestamp", "timestamptz", "interval", "uuid", "jsonb")
_APART_ALSO = ("text",)  # text_lt, but texteq
_MIXED = (
    ("int24", "int2", "int4"), ("int42", "int4", "int2"), ("int28", "int2", "int8"),
    ("int82", "int8", "int2"), ("int48", "int4", "int8"), ("int84", "int8", "int4"),
    ("float48", "float4", "float8"), ("float84", "float8", "float4"),
)  # fmt: skip
_MATCHES = {
    "textlike": "~~", "textnlike": "!~~", "like": "~~", "notlike": "!~~", "texticlike": "~~*",
    "texticnlike": "!~~*",
}  # fmt: skip

Behind = tuple[str, tuple[str, ...]]
"""An operator's symbol, and the types of its operands: one, if it stands before it."""


def _all() -> Iterator[tuple[str, Behind]]:
    for word, symbol in _COMPARED.items():
        for kind in _GLUED:
            spaced = kind in _APART_ALSO and word not in ("eq", "ne")
            yield f"{kind}{'_' if spaced else ''}{word}", (symbol, (kind, kind))
        for kind in _APART:
            yield f"{kind}_{word}", (symbol, (kind, kind))
        for name, left, right in _MIXED:
            yield f"{name}{word}", (symbol, (left, right))
    for word, symbol in _ARITHMETIC.items():
        for kind in ("int2", "int4", "int8", "float4", "float8"):
            yield f"{kind}{word}", (symbol, (kind, kind))
        for name, left, right in _MIXED:
            yield f"{name}{word}", (symbol, (left, right))
    for word, symbol in _NUMERIC.items():
        yield f"numeric_{word}", (symbol, ("numeric", "numeric"))
    for kind in ("int2", "int4", "int8"):
        for word, symbol in _BITS.items():
            yield f"{kind}{word}", (symbol, (kind, kind))
        yield f"{kind}mod", ("%", (kind, kind))
        yield f"{kind}shl", ("<<", (kind, "int4"))
        yield f"{kind}shr", (">>", (kind, "int4"))
        yield f"{kind}not", ("~", (kind,))
    for kind in ("int2", "int4", "int8", "float4", "float8"):
        yield f"{kind}um", ("-", (kind,))
        yield f"{kind}up", ("+", (kind,))
        yield f"{kind}abs", ("@", (kind,))
    yield "numeric_uminus", ("-", ("numeric",))
    yield "numeric_uplus", ("+", ("numeric",))
    yield "numeric_abs", ("@", ("numeric",))
    for name, symbol in _MATCHES.items():
        yield name, (symbol, ("text", "text"))


BEHIND: dict[str, Behind] = dict(_all())
