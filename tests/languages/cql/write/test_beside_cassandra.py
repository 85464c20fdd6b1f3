"""The same random writes at a real Cassandra: it, the engine and the model answer alike.

Runs with ``FIVEFOLD_CASSANDRA_JUDGE=host:port``; ``FIVEFOLD_CELLS`` sets how many sequences are
tried for each table. Nothing waits: what expires does so long after the test, and no two times to
live are the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given, note

from tests.conftest import empty_store

from .rig import Answer, Failure, Judge, Ours, Side, judge, ours
from .sequences import PARTITIONS, steps
from .statements import EVERY, Advance, Batch, Model, Modify, Step
from .tables import TABLES, Table
from .test_cells import COUNT, counted, modelled, shown

ADDRESS = os.environ.get("FIVEFOLD_CASSANDRA_JUDGE", "")
KEYSPACE = "lww_cells"

pytestmark = [
    pytest.mark.skipif(not ADDRESS, reason="FIVEFOLD_CASSANDRA_JUDGE is not set"),
    # The driver draws numbers of its own, in other threads.
    pytest.mark.filterwarnings("ignore:Do not use the `random` module"),
]


@pytest.fixture(scope="module")
def theirs() -> Iterator[Judge]:
    with judge(ADDRESS, KEYSPACE) as found:
        yield found


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ours]:
    path = str(tmp_path_factory.mktemp("beside") / "store.db")
    with empty_store(path) as url, ours(url, KEYSPACE) as found:
        yield found


def lasting(step: Modify | Batch, numbers: Iterator[int], always: bool) -> Modify | Batch:
    """Return a statement whose time to live is long, and like no other's."""
    if isinstance(step, Batch):
        made = [lasting(one, numbers, always) for one in step.statements]
        return replace(step, statements=tuple(one for one in made if isinstance(one, Modify)))
    if step.verb == "DELETE" or not (step.ttl or always):
        return step
    number = next(numbers)
    return replace(step, ttl=1000 * (1 + number * 7 % 5) + 10 * number)


def deletes(step: Modify | Batch) -> bool:
    """Say whether a statement deletes; what was deleted of counters differs, see C-50."""
    statements = step.statements if isinstance(step, Batch) else (step,)
    return any(one.verb == "DELETE" for one in statements)


def answer(side: Side, step: Modify | Batch, base: int) -> Answer | str:
    """Do a statement; return all that is answered, or what is wrong."""
    try:
        return side.run(step.text(base))
    except Failure as failure:
        return str(failure)


def rounded(table: Table, rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Return rows with the seconds left rounded up to tens."""
    places = {n for n, name in enumerate(table.selection()) if name.startswith("ttl(")}
    return [
        tuple(
            -(-value // 10) * 10 if place in places and isinstance(value, int) else value
            for place, value in enumerate(row)
        )
        for row in rows
    ]


@pytest.mark.parametrize("name", TABLES)
def test_sequences(embedded: Ours, theirs: Judge, name: str) -> None:
    table = TABLES[name]
    bases = count(0, len(PARTITIONS))

    @counted(COUNT)
    @given(steps(table))
    def play(sequence: list[Step]) -> None:
        base, numbers = next(bases), count(1)
        embedded.run(f"TRUNCATE {name}")
        model = Model(table, 0)
        for step in sequence:
            if isinstance(step, Advance) or (table.counts and deletes(step)):
                continue
            lasts = lasting(step, numbers, bool(table.ttl))
            note(lasts.text(base))
            found = answer(embedded, lasts, base)
            assert found == answer(theirs, lasts, base)
            meant = modelled(model, lasts)
            assert meant == (found if isinstance(found, str) else applied(found))
            for key in PARTITIONS:
                rows = rounded(table, shown(embedded, table, EVERY, base + key))
                assert rows == rounded(table, shown(theirs, table, EVERY, base + key))
                assert [row[1:] for row in rows] == [row[1:] for row in model.rows(key)]

    play()


def applied(found: Answer) -> bool | None:
    """Return whether a statement says that it was applied."""
    names, rows = found
    return bool(rows[0][0]) if names else None
