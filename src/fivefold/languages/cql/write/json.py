"""INSERT JSON: the values of a row's columns, out of one text.

Source: "INSERT JSON" of "JSON support" in Cassandra's CQL reference.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fivefold.errors import FivefoldError
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import Column
from fivefold.languages.cql.terms import Value, compile_value
from fivefold.languages.cql.tree import Insert
from fivefold.languages.cql.write.operations import Compiling
from fivefold.values.cql.faults import invalid_value
from fivefold.values.cql.types import TEXT, UNSET, Unset
from fivefold.values.types import Stored


def json_values(statement: Insert, compiling: Compiling) -> list[tuple[Column, Value]]:
    """Return a value for each column of the table: those that the text leaves out are null.

    With DEFAULT UNSET they are unset.
    """
    assert statement.json is not None
    family, scope = compiling.family, compiling.scope
    text = compile_value(statement.json, scope.spec("[json]", TEXT), scope).evaluate
    absent: Unset | None = UNSET if statement.default_unset else None
    names = frozenset(family.by_name)
    read = _once(text, names)
    return [(column, Value(_value(column, read, absent))) for column in family.columns]


def _once(
    text: Callable[[Run], Stored | Unset], names: frozenset[str]
) -> Callable[[Run], Mapping[str, Any]]:
    """Return what reads a run's text, the same one only once."""
    last: list[tuple[Stored, Mapping[str, Any]]] = []

    def read(run: Run) -> Mapping[str, Any]:
        given = text(run)
        if isinstance(given, Unset) or given is None:
            raise invalid_value("Got null for INSERT JSON values")
        known = last[-1] if last else None
        if known is None or known[0] != given:
            known = (given, _object(str(given), names))
            last[:] = [known]
        return known[1]

    return read


def _object(text: str, names: frozenset[str]) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise invalid_value(
            f"Could not decode JSON string as a map: {error}. (String was: {text})"
        ) from None
    if not isinstance(found, dict):
        raise invalid_value(f"Could not decode JSON string as a map: (String was: {text})")
    values = {_name(key): value for key, value in found.items()}
    unknown = sorted(values.keys() - names)
    if unknown:
        raise invalid_value(f"JSON values map contains unrecognized column: {unknown[0]}")
    return values


def _name(key: str) -> str:
    """Return a column's name: what is not in quotes of its own is in lower case."""
    quoted = len(key) > 1 and key[0] == key[-1] == '"'
    return key[1:-1] if quoted else key.lower()


def _value(
    column: Column, read: Callable[[Run], Mapping[str, Any]], absent: Unset | None
) -> Callable[[Run], Stored | Unset]:
    from_json, name = column.codec.from_json, column.name

    def evaluate(run: Run) -> Stored | Unset:
        values = read(run)
        if name not in values:
            return absent
        value = values[name]
        try:
            return None if value is None else from_json(value)
        except FivefoldError as error:
            raise invalid_value(f"Error decoding JSON value for {name}: {error}") from error

    return evaluate
