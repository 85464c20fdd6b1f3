"""Records, and rows that travel as JSON arrays of stored forms.

SQLite has neither records nor LATERAL. A record lies as a JSON array of its fields' stored
forms; so do the rows of a query that speaks of the sources before it, since the arguments of
``json_each`` may. Integers, texts and floats pass through SQLite's JSON unchanged (a float is
written with as many digits as tell it apart), bytes go as ``\\x…`` text.
"""

from __future__ import annotations

from collections.abc import Iterable

from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.sqlite.names import quote
from fivefold.stores.sqlite.render.writer import Handler, Writer, closed, unsupported
from fivefold.values.types import Kind, Type

_IN_JSON = frozenset({Kind.JSON, Kind.JSONB, Kind.ARRAY, Kind.RECORD})
"""Kinds whose text may come marked as JSON, which would then lie in the array as such."""


def packed(text: str, type_: Type) -> str:
    """Return a value's text as a member of a JSON array."""
    if type_.kind is Kind.BYTEA:
        return f"iif({text} IS NULL, NULL, '\\x' || lower(hex({text})))"
    if type_.kind in _IN_JSON:
        return f"{closed(text)} || ''"
    return text


def unpacked(text: str, type_: Type) -> str:
    """Return a member that was taken out of a JSON array as the value it stands for."""
    if type_.kind is Kind.BYTEA:
        return f"unhex(substr({text}, 3))"
    return text


def array_of(pairs: Iterable[tuple[str, Type]]) -> str:
    """Return a JSON array of values."""
    return f"json_array({', '.join([packed(text, type_) for text, type_ in pairs])})"


def rows_of(text: str, names: list[str], types: list[Type]) -> str:
    """Return the rows of a query, whose columns get these names, as one JSON array."""
    columns = ", ".join([quote(name) for name in names])
    row = array_of((quote(name), type_) for name, type_ in zip(names, types, strict=True))
    return f'(WITH "ff:rows"({columns}) AS ({text}) SELECT json_group_array({row}) FROM "ff:rows")'


def name_members(w: Writer, source: str, names: list[str], types: list[Type]) -> None:
    """Have columns of a source over ``json_each`` written as members of its rows."""
    for index, (name, type_) in enumerate(zip(names, types, strict=True)):
        w.columns[source, name] = unpacked(f"({quote(source)}.value ->> {index})", type_)


def row(w: Writer, node: exp.Row) -> str:
    """Write a record; that of a source which an outer join left out is null."""
    members = node.expressions
    text = array_of((w.sql(one), type_of(one)) for one in members)
    guard = node.meta.get("guard")
    if guard is not None:
        return f"iif({w.closed(guard)} IS NULL, NULL, {text})"
    if node.meta.get("nullable"):
        unsupported("the whole row of a query that an outer join may leave out")
    return text


def member(w: Writer, node: exp.Member) -> str:
    """Write a record's field."""
    index = node.args["index"]
    return unpacked(f"({w.closed(node.this)} ->> {index})", type_of(node))


class Handed(exp.Query):
    """The rows of an earlier step: number, of the parameter; types."""


def handed(w: Writer, node: Handed) -> str:
    """Write the rows of an earlier step as a query."""
    number, types = node.args["number"], node.args["types"]
    w.used = max(w.used, number)
    outputs = [unpacked(f"(value ->> {at})", type_) for at, type_ in enumerate(types)]
    return f"SELECT {', '.join(outputs) or 'NULL'} FROM json_each(?{number})"


HANDLERS: dict[type[exp.Expr], Handler] = {exp.Row: row, exp.Member: member, Handed: handed}
