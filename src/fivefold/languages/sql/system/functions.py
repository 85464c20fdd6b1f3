"""Functions as pg_proc lists them, with the oids that other relations call them by."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from fivefold.catalog.oids import OWNER_OID, Of, Oids
from fivefold.languages.sql import functions
from fivefold.languages.sql.signatures import Argument, Form, Function, Pseudo
from fivefold.languages.sql.system import definitions
from fivefold.languages.sql.system.catalog import row
from fivefold.values.oids import type_oid
from fivefold.values.types import Row, Type

_PSEUDO = {
    Pseudo.ANY: 2276,
    Pseudo.ELEMENT: 2283,
    Pseudo.ARRAY: 2277,
    Pseudo.ENUM: 3500,
    Pseudo.NONARRAY: 2776,
    Pseudo.ENUM: 3500,
    Pseudo.COMPATIBLE: 5077,
    Pseudo.COMPATIBLE_ARRAY: 5078,
}
_INTERNAL = 12  # pg_language.oid
_KINDS = {Form.AGGREGATE: "a", Form.WINDOW: "w"}
_CATALOG = 11


@cache
def internal() -> dict[int, str]:
    """Return the names of functions that the fixed rows of other relations mention, by oid."""
    found = {}
    for line in (definitions.FOLDER / "rows.txt").read_text().splitlines():
        key, oid, *rest = line.split("\t")
        if key == "pg_proc":
            found[int(oid)] = rest[0]
    return found


@cache
def listed() -> dict[int, Function]:
    """Return every function that SQL can call, by oid."""
    oids = Oids(Of.FUNCTION)
    return {oids.add("pg_catalog", signature(each)): each for each in functions.FUNCTIONS}


def signature(function: Function) -> str:
    """Return a function's name with its arguments, as regprocedure shows it."""
    return f"{function.name}({', '.join(str(each) for each in function.arguments)})"


def argument_oid(argument: Argument) -> int:
    """Return the oid of an argument's type."""
    return type_oid(argument) if isinstance(argument, Type) else _PSEUDO[argument]


def rows() -> Iterator[Row]:
    """Yield the rows of pg_proc."""
    for oid, name in internal().items():
        yield _row(oid, name, "f", "i", (), 2281)
    for oid, each in listed().items():
        arguments = tuple(argument_oid(one) for one in each.arguments)
        kind = _KINDS.get(each.form, "f")
        yield _row(
            oid,
            each.name,
            kind,
            each.volatility[0],
            arguments,
            argument_oid(each.result),
            many=each.form is Form.SET,
            variadic=arguments[-1] if each.variadic else 0,
        )


def _row(
    oid: int,
    name: str,
    kind: str,
    volatility: str,
    arguments: tuple[int, ...],
    result: int,
    *,
    many: bool = False,
    variadic: int = 0,
) -> Row:
    return row(
        "pg_proc",
        oid=oid,
        proname=name,
        pronamespace=_CATALOG,
        proowner=OWNER_OID,
        prolang=_INTERNAL,
        procost=1.0,
        prorows=1000.0 if many else 0.0,
        provariadic=variadic,
        prokind=kind,
        proisstrict=1,
        proretset=int(many),
        provolatile=volatility,
        proparallel="s",
        pronargs=len(arguments),
        prorettype=result,
        proargtypes=f"[{','.join(map(str, arguments))}]",
        prosrc=name,
    )
