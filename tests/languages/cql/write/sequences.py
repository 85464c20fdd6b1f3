"""Random statements on a table, for Hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from .model import Key
from .statements import EVERY, LATE, Advance, Batch, Change, Condition, Modify, Step, Where
from .tables import Column, Table

INTS = st.integers(-1, 2)
TEXTS = st.sampled_from(("", "x", "y"))
PARTITIONS = (0, 1)
OFTEN = st.sampled_from((0, 0, 0, 0, 1))
PLACES = st.sampled_from((0, 0, 1, 1, 2))
"""Values of clustering columns: few, so that statements meet."""
FIRST = LATE - 1_000_000
"""Of the timestamps that statements name, some of which are the same."""
STAMPS = st.sampled_from((None, FIRST, FIRST, FIRST + 1, FIRST + 1, FIRST + 2, FIRST + 3))
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
    return st.tuples(*(PLACES for _ in table.clustering))


@st.composite
def bounded(draw: st.DrawFn, table: Table) -> Where:
    """Draw a slice, or all of a partition."""
    count = len(table.clustering)
    equal = draw(st.lists(PLACES, max_size=max(count - 1, 0)).map(tuple))
    rest = count - len(equal)
    bound = st.none() | st.lists(PLACES, min_size=1, max_size=rest).map(tuple)
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
    verb = draw(
        st.sampled_from(("INSERT", "INSERT", "JSON", "UPDATE", "UPDATE", "DELETE", "DELETE"))
    )
    if table.counts and verb in ("INSERT", "JSON"):
        verb = "UPDATE"
    conditional = not table.counts and asks > 0 and draw(st.integers(1, asks)) == 1
    at = None if conditional or table.counts else draw(STAMPS)
    ttl = None if table.counts or verb == "DELETE" else draw(SECONDS)
    keys = (draw(OFTEN) if partition is None else partition,)
    if partition is None and not conditional and draw(st.integers(0, 7)) == 0:
        keys = keys if verb in ("INSERT", "JSON") else PARTITIONS
    row = draw(_keys(table))
    if verb in ("INSERT", "JSON"):
        if draw(st.integers(0, 2)) == 0:
            # Nothing but values: what one statement of the store may do.
            columns, value, ttl = table.regulars, st.nothing(), None
        else:
            columns, value = draw(_of_several(table.columns)), st.none()
        changes = [Change(column, "set", draw(value | VALUES[column.kind])) for column in columns]
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
        key = draw(OFTEN)
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
    apart = st.lists(st.one_of(*forms), min_size=4, max_size=12)
    together = apart.map(lambda sequence: [crowded(step) for step in sequence])
    if table.counts:
        return apart | together
    close = st.one_of(simple(table), simple(table), simple(table), st.just(Advance(1)))
    return apart | together | st.lists(close, min_size=6, max_size=16)


@st.composite
def simple(draw: st.DrawFn, table: Table) -> Modify:
    """Draw what one statement of the store may do, or undoes that: on two rows, at two times."""
    at = draw(st.sampled_from((FIRST, FIRST, FIRST + 1)))
    row = draw(st.sampled_from(((0,), (0,), (1,))))
    where = Where((row * len(table.clustering),))
    verb = draw(st.sampled_from(("INSERT", "INSERT", "INSERT", "UPDATE", "UPDATE", "DELETE")))
    if verb == "DELETE":
        if table.clustering:
            where = draw(st.just(where) | bounded(table))
        return Modify(table, verb, (0,), where if table.clustering else EVERY, (), at)
    columns = table.regulars
    if verb == "UPDATE":
        plain = [column for column in columns if not column.has_parts]
        columns = [draw(st.sampled_from(plain))] if draw(st.booleans()) else plain
    changes = tuple(Change(column, "set", draw(VALUES[column.kind])) for column in columns)
    ttl = draw(st.sampled_from((None, None, 0, 0, 1, 2)))
    return Modify(table, verb, (0,), where, changes, at, ttl)


def crowded(step: Step) -> Step:
    """Return a statement on the first row of the first partition, at one of two timestamps."""
    if isinstance(step, Advance):
        return step
    at = None if step.at is None else FIRST + step.at % 2
    if isinstance(step, Batch):
        inside = [crowded(one) for one in step.statements]
        return replace(
            step, at=at, statements=tuple(one for one in inside if isinstance(one, Modify))
        )
    rows = step.where.rows
    if rows:
        rows = ((0,) * len(step.table.clustering),)
    return replace(step, at=at, partitions=(0,), where=replace(step.where, rows=rows))
