"""Rows that were read as rows of the result: one by one, or a group of them as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter

from fivefold.languages.cql.results import ColumnSpec
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.select.columns import Row
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.terms import Selected
from fivefold.languages.cql.terms.selected import Gathering
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.types import TEXT

Shape = Callable[[Run, Sequence[Row]], Sequence[Row]]
"""Makes rows of the result of rows that were read."""

JSON_NAME = "[json]"


def shape_of(selected: Sequence[Selected], positions: Mapping[str, int]) -> Shape:
    """Return what makes rows of the result, one of each row."""
    names = [one.column for one in selected]
    if all(name is not None for name in names):
        places = [positions[name] for name in names if name is not None]
        if len(places) == 1:
            (place,) = places
            return lambda run, rows: [(row[place],) for row in rows]
        take = itemgetter(*places)
        return lambda run, rows: [take(row) for row in rows]
    values = [one.over(positions) for one in selected]
    return lambda run, rows: [tuple([value(run, row) for value in values]) for row in rows]


def gatherer(selected: Sequence[Selected], positions: Mapping[str, int]) -> Callable[[], Group]:
    """Return what begins a group of rows."""
    makes = [one.gather(positions) for one in selected]
    return lambda: Group([make() for make in makes])


class Group:
    """Rows that become one."""

    __slots__ = ("_gatherings",)

    def __init__(self, gatherings: Sequence[Gathering]) -> None:
        self._gatherings = gatherings

    def add(self, run: Run, row: Row) -> None:
        """Add a row."""
        for gathering in self._gatherings:
            gathering.add(run, row)

    def result(self, run: Run) -> Row:
        """Return the one row."""
        return tuple([gathering.result(run) for gathering in self._gatherings])


def json_of(selected: Sequence[Selected]) -> Callable[[Sequence[Row]], list[Row]]:
    """Return what makes of each row of the result one text, as SELECT JSON gives it."""
    parts = []
    for one in selected:
        name = one.name if one.name == one.name.lower() else f'"{one.name}"'
        parts.append((_json_text(name), codec_of(one.type).to_json))

    def shown(row: Row) -> Row:
        fields = [
            f"{name}: {'null' if value is None else to_json(value)}"
            for (name, to_json), value in zip(parts, row, strict=True)
        ]
        return ("{" + ", ".join(fields) + "}",)

    return lambda rows: [shown(row) for row in rows]


def _json_text(name: str) -> str:
    return codec_of(TEXT).to_json(name)


def specs(
    family: ColumnFamily, selected: Sequence[Selected], *, json: bool
) -> tuple[ColumnSpec, ...]:
    """Return the columns of the result."""
    if json:
        return (ColumnSpec(family.keyspace, family.name, JSON_NAME, TEXT),)
    return tuple(ColumnSpec(family.keyspace, family.name, one.name, one.type) for one in selected)
