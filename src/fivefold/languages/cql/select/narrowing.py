"""Conditions that lead to rows by an index which is a table, or by one of a static column.

They find what may be meant, and no less: the restriction is looked at again.
"""

from __future__ import annotations

from fivefold.languages.cql.indexed import is_tabled
from fivefold.languages.cql.relations.indexes import supporting
from fivefold.languages.cql.relations.records import Containing, Equal, Restriction
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.select.columns import TOKEN_NAME, named
from fivefold.languages.cql.select.pushed import Condition
from fivefold.languages.cql.tables import Column, ColumnFamily
from fivefold.models.widecolumn.layout import INDEXED, index_name, static_name
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.types import Unset
from fivefold.values.types import BYTEA, Stored


class Narrowing:
    """One restriction of a column that has such an index."""

    def __init__(self, family: ColumnFamily, column: Column, restriction: Restriction) -> None:
        self.static = column.kind == "static"
        self._column = column
        self._restriction = restriction
        index = supporting(family, restriction)
        assert index is not None
        self._target = index.target
        number = family.indexes.index(index)
        self._containers = {
            f"i{number}": (family.keyspace, index_name(family.name, index.name))
            if is_tabled(column)
            else (family.keyspace, static_name(family.name))
        }
        self._sought = named(INDEXED) if is_tabled(column) else named(column.name)
        self._type = BYTEA if is_tabled(column) else column.codec.store
        key = family.partition if self.static else (*family.partition, *family.clustering)
        names = ", ".join([TOKEN_NAME, *(named(one.name) for one in key)])
        self._text = f"({names}) IN (SELECT {names} FROM {{i{number}}} WHERE {self._sought} = ?)"

    def condition(self, run: Run) -> Condition | None:
        """Return the condition; None if the values are none that can be looked for."""
        sought = self._key(run)
        if sought is None:
            return None
        return Condition(self._text, (self._type,), (sought,), self._containers)

    def _key(self, run: Run) -> Stored:
        restriction = self._restriction
        if isinstance(restriction, Equal):
            (value,) = restriction.read(run, filtered=True)
            return self._column.codec.to_key(value) if is_tabled(self._column) else value
        assert isinstance(restriction, Containing)
        codecs = [codec_of(each) for each in self._column.codec.type.parameters]
        for part in restriction.parts:
            if self._target != _TARGETS[part.key is not None, part.value is not None]:
                continue
            keys = b""
            for codec, term in ((codecs[0], part.key), (codecs[-1], part.value)):
                if term is None:
                    continue
                found = term.evaluate(run)
                if found is None or isinstance(found, Unset):
                    return None
                keys += codec.to_key(found)
            return keys
        return None


_TARGETS = {(False, True): "values", (True, False): "keys", (True, True): "entries"}
"""The target of the index, by whether a key and whether a value is said."""


def narrowing(family: ColumnFamily, restriction: Restriction) -> Narrowing | None:
    """Return what leads to a restriction's rows by such an index, if there is one."""
    (column, *more) = restriction.columns
    if more or not isinstance(restriction, Equal | Containing):
        return None
    if column.kind != "static" and not is_tabled(column):
        return None
    if column.kind not in ("static", "regular") or supporting(family, restriction) is None:
        return None
    return Narrowing(family, column, restriction)
