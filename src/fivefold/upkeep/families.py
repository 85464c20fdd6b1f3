"""A column family beside itself: tokens, cells, and the indexes that are tables."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from fivefold.catalog.containers import FamilyIndex, View
from fivefold.errors import FivefoldError
from fivefold.languages.cql.indexed import index_keys
from fivefold.languages.cql.schema.columns import column_family
from fivefold.languages.cql.schema.laying import laid, tabled
from fivefold.languages.cql.schema.typing import types_of
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.write.shapes import part_of, shape_of
from fivefold.models.widecolumn.layout import INDEXED, TOKEN, index_name
from fivefold.models.widecolumn.rows import Row, decoded
from fivefold.models.widecolumn.shape import Shape, named
from fivefold.models.widecolumn.statements import Side
from fivefold.stores.findings import Fault, Finding
from fivefold.upkeep.entries import Entry, Sum, differences
from fivefold.upkeep.looking import Looking
from fivefold.upkeep.report import Place
from fivefold.values.cql.tokens import partition_encoder, token_of
from fivefold.values.types import BYTEA

_ANY_TIME = -1
"""A second at which whatever has a value is there, expired or not."""


def tables(look: Looking, view: View) -> dict[str, Place]:
    """Return the tables of a column family: what they are for, and where they are."""
    assert view.family is not None
    types = types_of(look.catalog, view.namespace)
    containers = laid(view.namespace, view.name, view.family, types)
    return {f"table {name}": (view.namespace, name) for name in containers if name != view.name}


class FamilyRows:
    """The rows of one column family, or of a materialized view."""

    def __init__(self, look: Looking, view: View) -> None:
        assert view.family is not None
        types = types_of(look.catalog, view.namespace)
        self._look = look
        self._place = (view.namespace, view.name)
        self._family: ColumnFamily = column_family(view.namespace, view.name, view.family, types)
        self._shape: Shape = shape_of(self._family)
        self._encoded = partition_encoder([one.codec for one in self._family.partition])

    def findings(self) -> Iterator[Finding]:
        """Yield all that is wrong with it."""
        for static in (False, True) if self._shape.static else (False,):
            indexes = [one for one in tabled(self._family) if self._is_static(one) is static]
            sums = [Sum() for _ in indexes]
            for key, row, error in self._rows(static):
                if error is not None:
                    yield self._wrong(f"the row {_shown(key)} cannot be read: {error}")
                    continue
                partition = key[1 : 1 + len(self._shape.partition)]
                if token_of(self._encoded(partition)) != key[0]:
                    yield self._wrong(f"the row {_shown(key)} has not the token of its partition")
                for index, total in zip(indexes, sums, strict=True):
                    for entry in self._entries(index, key, row, _ANY_TIME):
                        total.add(entry)
            for index, total in zip(indexes, sums, strict=True):
                yield from self._index(index, total, static)

    def indexes(self) -> Iterator[tuple[FamilyIndex, Side]]:
        """Yield the indexes that are tables, and the rows that each is of."""
        for index in tabled(self._family):
            yield index, Side(self._look.prepare, self._shape, static=self._is_static(index))

    def _is_static(self, index: FamilyIndex) -> bool:
        return self._family.by_name[index.column].kind == "static"

    def _rows(self, static: bool) -> Iterator[tuple[tuple[Any, ...], Row, Exception | None]]:
        """Yield each row's key as the table holds it, the row, and why it cannot be read."""
        side = Side(self._look.prepare, self._shape, static=static)
        count = len(side.key_types)
        rows: Iterator[tuple[Any, ...]] = self._look.stream(side.everything)
        for found in rows:
            key, values = found[:count], found[count:]
            written, cells = values[-3:-1] if side.timed else (0, None)
            try:
                row = decoded(side.parts, values[: len(side.parts)], written, cells)
            except (ValueError, KeyError, TypeError, FivefoldError) as error:
                yield key, Row(), error
                continue
            yield key, row, None

    def _entries(
        self, index: FamilyIndex, key: tuple[Any, ...], row: Row, now_s: int
    ) -> Iterator[Entry]:
        column = self._family.by_name[index.column]
        stored = row.value(part_of(column), now_s)
        if stored is not None:
            for each in index_keys(column, index.target)(stored):
                yield (each, *key)

    def _index(self, index: FamilyIndex, total: Sum, static: bool) -> Iterator[Finding]:
        there = partial(self._there, index, static)
        if total.is_of(there()):
            return
        expected = partial(self.expected, index, static, _ANY_TIME)
        needed = partial(self.expected, index, static, self._look.now_s)
        for is_missing, (_, *key) in differences(expected, needed, there):
            said = "lacks a key" if is_missing else "has a key too many"
            message = f"index {index.name} {said} of the row {_shown(tuple(key))}"
            yield Finding(Fault.INDEX, message, self._place)

    def _there(self, index: FamilyIndex, static: bool) -> Iterator[Entry]:
        side = Side(self._look.prepare, self._shape, static=static)
        table = (self._place[0], index_name(self._place[1], index.name))
        names = [named(INDEXED), named(TOKEN), *(named(column.name) for column in side.keys)]
        text = f"SELECT {', '.join(names)} FROM {{i}}"
        return self._look.rows(text, {"i": table}, [BYTEA, *side.key_types])

    def expected(self, index: FamilyIndex, static: bool, now_s: int) -> Iterator[Entry]:
        """Yield the entries that an index should have at that second."""
        for key, row, error in self._rows(static):
            if error is None:
                yield from self._entries(index, key, row, now_s)

    def _wrong(self, message: str) -> Finding:
        return Finding(Fault.ROWS, message, self._place)


def _shown(key: tuple[Any, ...]) -> str:
    return ", ".join(map(str, key[1:])) or "of no key"
