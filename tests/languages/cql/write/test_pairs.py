"""Two statements on one row, in either order: the engine holds what the model says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from tests.conftest import empty_store

from .rig import Ours, ours
from .sequences import FIRST
from .statements import EVERY, Change, Model, Modify, Where
from .tables import TABLES, Table
from .test_cells import done, modelled, shown

PAIRS = 500
"""If there are many more, only every second or third is tried."""

LOW = {"int": 0, "text": "a", "list": (1,), "set": (1,), "map": ((1, "a"),), "udt": (0, "a")}
HIGH = {"int": 1, "text": "b", "list": (2,), "set": (2,), "map": ((1, "b"),), "udt": (1, None)}
LOW |= {"flist": (1,), "fudt": (0, "a")}
HIGH |= {"flist": (2,), "fudt": (0, "b")}


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ours]:
    path = str(tmp_path_factory.mktemp("pairs") / "store.db")
    with empty_store(path) as url, ours(url, "pairs") as found:
        yield found


def written(table: Table, row: Where) -> Iterator[Modify]:
    """Yield statements that write."""

    def whole(values: dict[str, object], *, statics: bool) -> tuple[Change, ...]:
        columns = [each for each in table.columns if statics or not each.static]
        return tuple(Change(column, "set", values[column.kind]) for column in columns)

    for values in (LOW, HIGH):
        yield Modify(table, "INSERT", (0,), row, whole(values, statics=False), FIRST)
        yield Modify(table, "INSERT", (0,), row, whole(values, statics=True), FIRST)
        for column in table.columns:
            where = Where(()) if column.static else row
            change = Change(column, "set", values[column.kind])
            yield Modify(table, "UPDATE", (0,), where, (change,), FIRST)
            if column.kind in ("list", "set", "map"):
                change = Change(column, "add", values[column.kind])
                yield Modify(table, "UPDATE", (0,), where, (change,), FIRST)
    yield Modify(table, "INSERT", (0,), row, whole(LOW, statics=False), FIRST + 1)
    yield Modify(table, "INSERT", (0,), row, whole(LOW, statics=False), FIRST, 9)


def deleted(table: Table, row: Where) -> Iterator[Modify]:
    """Yield statements that delete: cells, the row, ranges that end at it, the partition."""
    for column in table.columns:
        where = Where(()) if column.static else row
        yield Modify(table, "DELETE", (0,), where, (Change(column, "drop"),), FIRST)
    for at in (FIRST, FIRST + 1):
        yield Modify(table, "DELETE", (0,), EVERY, (), at)
        if table.clustering:
            yield Modify(table, "DELETE", (0,), row, (), at)
    for count, inclusive in product(range(len(table.clustering)), (True, False)):
        equal = (0,) * count
        for low, high in (((0,), None), (None, (0,)), ((0,), (1,)), ((-1,), (0,))):
            reach = Where(None, equal, low, inclusive, high, inclusive)
            yield Modify(table, "DELETE", (0,), reach, (), FIRST)


@pytest.mark.parametrize("name", ["plain", "wide", "lone"])
@pytest.mark.parametrize("deletes", [False, True])
def test_pairs(embedded: Ours, name: str, deletes: bool) -> None:
    table = TABLES[name]
    embedded.run(f"DROP TABLE {name}")
    embedded.run(table.definition())
    row = Where(((0,) * len(table.clustering),))
    writes = list(written(table, row))
    others = list(deleted(table, row)) if deletes else writes
    # A table that nothing was deleted from is written otherwise: those pairs are in a new one.
    pairs = [*product(writes, others), *(product(others, writes) if deletes else ())]
    for base, pair in enumerate(pairs[:: 1 + len(pairs) // PAIRS]):
        model = Model(table, embedded.clock.now_ms() // 1000)
        for one in pair:
            assert done(embedded, one, base) == modelled(model, one)
        found = [held[1:] for held in shown(embedded, table, EVERY, base)]
        assert found == [held[1:] for held in model.rows(0)], [one.text() for one in pair]
