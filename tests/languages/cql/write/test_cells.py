"""Random writes: what the engine holds is what the model of last write wins says.

``FIVEFOLD_CELLS`` sets how many sequences are tried for each table; so many run against a real
Cassandra too, with ``FIVEFOLD_CASSANDRA_JUDGE=host:port``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.conftest import empty_store

from .model import Refused
from .rig import Failure, Ours, Side, ours
from .sequences import PARTITIONS, bounded, steps
from .statements import EVERY, LATE, Advance, Model, Step, Where
from .tables import TABLES, Table

COUNT = int(os.environ.get("FIVEFOLD_CELLS", "40"))


def counted(examples: int) -> settings:
    """So many sequences, the same in every run."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def shown(side: Side, table: Table, where: Where, key: int) -> list[tuple[object, ...]]:
    """Return the rows of a partition that a side has."""
    names = [name for name, _ in table.clustering]
    relations = " AND ".join([f"pk = {key}", *where.text(names)])
    _, rows = side.run(f"SELECT {', '.join(table.selection())} FROM {table.name} WHERE {relations}")
    return [clean(table, row) for row in rows]


def whole(side: Side, table: Table) -> list[tuple[object, ...]]:
    """Return all rows that a side has."""
    _, rows = side.run(f"SELECT {', '.join(table.selection())} FROM {table.name}")
    return [clean(table, row) for row in rows]


def clean(table: Table, row: tuple[object, ...]) -> tuple[object, ...]:
    """Return a row with one number for all timestamps of clocks."""
    start = 1 + len(table.clustering) + len(table.columns)

    def early(value: object) -> object:
        if isinstance(value, tuple):
            return tuple(map(early, value))
        return min(value, LATE) if isinstance(value, int) else value

    return (*row[:start], *map(early, row[start:]))


def done(side: Side, step: Step, base: int = 0) -> bool | str | None:
    """Do a statement; return whether it was applied, None if it asks nothing, or what is wrong."""
    if isinstance(step, Advance):
        side.advance(step.seconds)
        return None
    try:
        names, rows = side.run(step.text(base))
    except Failure as failure:
        return str(failure)
    return bool(rows[0][0]) if names else None


def modelled(model: Model, step: Step) -> bool | str | None:
    """Do the same to the model."""
    try:
        return model.do(step)
    except Refused as refused:
        return str(refused)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ours]:
    with (
        empty_store(str(tmp_path_factory.mktemp("cells") / "store.db")) as url,
        ours(url, "cells") as found,
    ):
        yield found


@pytest.mark.parametrize("name", TABLES)
def test_sequences(embedded: Ours, name: str) -> None:
    table = TABLES[name]

    @counted(COUNT)
    @given(steps(table), st.lists(bounded(table), min_size=1, max_size=3))
    def play(sequence: list[Step], slices: list[Where]) -> None:
        # A new table each time: what was never deleted from, or expires, is written otherwise.
        embedded.run(f"DROP TABLE IF EXISTS {name}")
        embedded.run(table.definition())
        model = Model(table, embedded.clock.now_ms() // 1000)
        for number, step in enumerate(sequence):
            if not isinstance(step, Advance):
                note(step.text())
            assert done(embedded, step) == modelled(model, step)
            found = whole(embedded, table)
            for key in PARTITIONS:
                assert [row for row in found if row[0] == key] == model.rows(key)
            where = slices[number % len(slices)] if table.clustering else EVERY
            key = PARTITIONS[number % 2]
            assert shown(embedded, table, where, key) == model.rows(key, where)

    play()
