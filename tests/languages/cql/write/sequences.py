"""Random statements on a table, for Hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from .model import Key
from .statements import EVERY, LATE, Advance, Batch, Change, Condition, Modify, Step, Where
from .tables import Column, Table

INTS = st.integers(-1, 2)
TEXTS = st.sampled_from(("", "x", "y"))
PARTITIONS = (0, 1)
FIRST = LATE - 1_000_000
"""Of the timestamps that statements name, some of which are the same."""
STAMPS = st.one_of(st.none(), st.integers(FIRST, FIRST + 4))
SECONDS = st.sampled_from((None, None, None, 0, 1, 2, 3))


def _values(kind: str) -> st.SearchStrategy[Any]:
    match kind:
        case "int":
            return INTS
        case "text":
            return TEXTS
        case "list" | "flist":
            return st.lists(INTS, max_size=3).map(tuple)
        case "set":
            return st.sets(INTS, max_size=3).map(lambda found: tuple(sorted(found)))
        case "map":
            made = st.dictionaries(INTS, TEXTS, max_size=3)
            return made.map(lambda found: tuple(sorted(found.items())))
    return st.tuples(st.none() | INTS, st.none() | TEXTS)


VALUES = {
    kind: _values(kind)
    for kind in ("int", "text", "list", "set", "map", "udt", "flist", "fudt", "counter")
}


@st.composite
def assigned(draw: st.DrawFn, column: Column) -> Change:
    """Draw one part of SET."""
    kind = column.kind
    if kind == "counter":
        return Change(column, "count", draw(INTS))
    value = VALUES[kind]
    whole = st.builds(Change, st.just(column), st.just("set"), st.one_of(st.none(), value))
    some = value.filter(len) if column.has_parts else value
    ways: dict[str, list[st.SearchStrategy[Change]]] = {
        "list": [
            st.builds(Change, st.just(column), st.sampled_from(("add", "prepend", "add")), some),
            st.builds(Change, st.just(column), st.just("discard"), some),
            st.builds(Change, st.just(column), st.just("at"), st.none() | INTS, st.integers(0, 2)),
        ],
        "set": [
            st.builds(Change, st.just(column), st.just("add"), some),
            st.builds(Change, st.just(column), st.just("remove"), some),
        ],
        "map": [
            st.builds(Change, st.just(column), st.just("add"), some),
            st.builds(
                Change, st.just(column), st.just("remove"), st.lists(INTS, min_size=1, max_size=2)
            ),
            st.builds(Change, st.just(column), st.just("at"), st.none() | TEXTS, INTS),
        ],
        "udt": [
            st.builds(Change, st.just(column), st.just("field"), st.none() | INTS, st.just(0)),
            st.builds(Change, st.just(column), st.just("field"), st.none() | TEXTS, st.just(1)),
        ],
    }
    return draw(st.one_of(whole, *ways.get(kind, [])))


@st.composite
def taken(draw: st.DrawFn, column: Column) -> Change:
    """Draw one part of what DELETE names."""
    drop = st.just(Change(column, "drop"))
    ways: dict[str, list[st.SearchStrategy[Change]]] = {
        "list": [st.builds(lambda n: Change(column, "drop at", None, n), st.integers(0, 2))],
        "set": [st.builds(lambda n: Change(column, "drop at", None, n), INTS)],
        "map": [st.builds(lambda n: Change(column, "drop at", None, n), INTS)],
        "udt": [st.builds(lambda n: Change(column, "drop field", None, n), st.integers(0, 1))],
    }
    return draw(st.one_of(drop, *ways.get(column.kind, [])))


def _keys(table: Table) -> st.SearchStrategy[Key]:
    return st.tuples(*(st.integers(0, 2) for _ in table.clustering))


@st.composite
def bounded(draw: st.DrawFn, table: Table) -> Where:
    """Draw a slice, or all of a partition."""
    count = len(table.clustering)
    equal = draw(st.lists(st.integers(0, 2), max_size=max(count - 1, 0)).map(tuple))
    rest = count - len(equal)
    bound = st.none() | st.lists(st.integers(0, 2), min_size=1, max_size=rest).map(tuple)
    low, high = (draw(bound), draw(bound)) if rest else (None, None)
    if low is not None and high is not None and len(low) != len(high):
        # One way of writing bounds, of one column or of several, for both.
        low, high = low[:1], high[:1]
    return Where(None, equal, low, draw(st.booleans()), high, draw(st.booleans()))


def _of_several(columns: Sequence[Column]) -> st.SearchStrategy[list[Column]]:
    return st.lists(
        st.sampled_from(columns), min_size=1, max_size=3, unique_by=lambda column: column.name
    )


@st.composite
def modification(
    draw: st.DrawFn, table: Table, partition: int | None = None, asks: int = 0
) -> Modify:
    """Draw a statement; ``asks``: of how many it is one that has IF, 0 for none."""
    verb = draw(st.sampled_from(("INSERT", "INSERT", "JSON", "UPDATE", "UPDATE", "DELETE")))
    if table.counts and verb in ("INSERT", "JSON"):
        verb = "UPDATE"
    conditional = not table.counts and asks > 0 and draw(st.integers(1, asks)) == 1
    at = None if conditional or table.counts else draw(STAMPS)
    ttl = None if table.counts or verb == "DELETE" else draw(SECONDS)
    keys = (draw(st.sampled_from(PARTITIONS)) if partition is None else partition,)
    if partition is None and not conditional and draw(st.integers(0, 7)) == 0:
        keys = keys if verb in ("INSERT", "JSON") else PARTITIONS
    row = draw(_keys(table))
    if verb in ("INSERT", "JSON"):
        columns = draw(_of_several(table.columns))
        changes = [
            Change(column, "set", draw(st.none() | VALUES[column.kind])) for column in columns
        ]
        rows: tuple[Key, ...] = (row,)
        statics = all(column.static for column in columns)
        if statics and verb == "INSERT" and not conditional and draw(st.booleans()):
            rows = ()
        condition = Condition(None, False) if conditional else None
        return Modify(table, verb, keys, Where(rows), tuple(changes), at, ttl, condition)
    if verb == "DELETE" and not conditional and draw(st.booleans()):
        where = draw(st.just(EVERY) | bounded(table)) if table.clustering else EVERY
        return Modify(table, verb, keys, where, (), at)
    if verb == "DELETE" and draw(st.booleans()):
        where = Where((row,)) if table.clustering else EVERY
        return _asking(draw, Modify(table, verb, keys, where, (), at), conditional)
    columns = draw(_of_several(table.columns))
    drawn = assigned if verb == "UPDATE" else taken
    changes = [draw(drawn(column)) for column in columns]
    where = Where((row,))
    if all(column.static for column in columns):
        where = Where(())
    elif table.clustering and not conditional and draw(st.integers(0, 7)) == 0:
        where = Where(tuple(sorted({row, draw(_keys(table))})))
    return _asking(draw, Modify(table, verb, keys, where, tuple(changes), at, ttl), conditional)


def _asking(draw: st.DrawFn, modify: Modify, conditional: bool) -> Modify:
    """Return a statement with a condition drawn."""
    if not conditional:
        return modify
    table = modify.table
    plain = [column for column in table.columns if not column.has_parts]
    if modify.where.rows == ():
        plain = [column for column in plain if column.static]
    columns = st.sampled_from(plain)
    asked = columns.flatmap(
        lambda column: st.builds(Condition, st.just(column), st.none() | VALUES[column.kind])
    )
    condition = draw(st.just(Condition(None, True)) | asked)
    return Modify(
        *(table, modify.verb, modify.partitions, modify.where, modify.changes),
        *(None, modify.ttl, condition),
    )


@st.composite
def batch(draw: st.DrawFn, table: Table) -> Batch:
    """Draw a batch; one with conditions is of one partition."""
    if table.counts:
        one = modification(table).filter(lambda made: made.verb == "UPDATE")
        return Batch(tuple(draw(st.lists(one, min_size=1, max_size=3))), None, "COUNTER ")
    kind = draw(st.sampled_from(("", "UNLOGGED ")))
    if draw(st.integers(0, 2)) == 0:
        key = draw(st.sampled_from(PARTITIONS))
        plain = modification(table, key).filter(
            lambda made: made.where.rows is None or len(made.where.rows) < 2
        )
        asking = modification(table, key, 1)
        made = draw(st.lists(plain, max_size=2))
        found = [_late(one) for one in (*made, draw(asking))]
        return Batch(tuple(found), None, kind)
    found = draw(st.lists(modification(table), min_size=1, max_size=3))
    stamp = draw(STAMPS)
    if stamp is not None:
        found = [_late(one) for one in found]
    return Batch(tuple(found), stamp, kind)


def _late(modify: Modify) -> Modify:
    """Return a statement that does not name its timestamp."""
    return Modify(
        *(modify.table, modify.verb, modify.partitions, modify.where, modify.changes),
        *(None, modify.ttl, modify.condition),
    )


def steps(table: Table) -> st.SearchStrategy[list[Step]]:
    """Return the strategy of sequences."""
    alone = modification(table, asks=5)
    forms: list[st.SearchStrategy[Step]] = [alone, alone, alone, alone, batch(table)]
    if not table.counts:
        forms.append(st.builds(Advance, st.integers(1, 2)))
    return st.lists(st.one_of(*forms), min_size=1, max_size=12)
