"""Changes of elements that are put off: whatever comes between, all is as if made at once."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fivefold.models.keyvalue import blocks, lists, sorted_sets
from fivefold.models.keyvalue.fixed import ROWS_TOGETHER
from fivefold.models.keyvalue.layout import HASH, LIST, SET
from fivefold.models.keyvalue.slots import DRAWN_AHEAD, FIELDS, MEMBERS
from fivefold.models.keyvalue.space import KNOWN_BYTES_MAX, PUT_OFF_MAX, KeySpace

NOW = 1_000_000
LARGE = b"x" * (KNOWN_BYTES_MAX + 1)

MOVES = st.lists(
    st.tuples(st.sampled_from(["lpush", "rpush", "lpop", "rpop", "read", "look", "settle"]),
              st.sampled_from([b"a", b"b", LARGE])),
    max_size=120,
)  # fmt: skip


@settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(moves=MOVES)
def test_a_list_is_a_deque(space: KeySpace, moves: list[tuple[str, bytes]]) -> None:
    space.clear()
    lists.push(space, space.make(b"l", LIST, 1), [b"first"], left=True)
    peer = deque([b"first"])
    for stamp, (move, value) in enumerate(moves, 2):
        entry = space.entry(b"l", LIST, NOW)
        assert entry is not None
        left = move.startswith("l")
        if move.endswith("push"):
            lists.push(space, entry, [value], left=left)
            peer.extendleft([value]) if left else peer.append(value)
        elif move.endswith("pop") and len(peer) > 1:
            assert lists.pop(space, entry, left=left) == (peer.popleft() if left else peer.pop())
        elif move == "read":
            assert lists.between(space, entry, 0, entry.count) == list(peer)
        elif move == "look":
            assert lists.at(space, entry, entry.count - 1) == peer[-1]
        space.touch(entry, stamp)
        if move == "settle":
            space.settle()
    space.settle()
    entry = space.entry(b"l", LIST, NOW)
    assert entry is not None
    assert lists.between(space, entry, 0, entry.count) == list(peer)


SEVERAL = st.lists(
    st.tuples(
        st.sampled_from(
            ["add", "pop", "pops", "discard", "has", "draw", "scan", "other", "settle"]
        ),
        st.integers(0, 60),
    ),
    max_size=60,
)


@settings(
    derandomize=True,
    deadline=None,
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(moves=SEVERAL)
def test_a_set_loses_members_at_random(space: KeySpace, moves: list[tuple[str, int]]) -> None:
    space.clear()
    peer = {b"%d" % number for number in range(40)} | {LARGE}
    MEMBERS.add_new(space, space.make(b"s", SET, 1), [(name,) for name in sorted(peer)])
    MEMBERS.add_new(space, space.make(b"t", SET, 2), [(b"%d" % n,) for n in range(200)])
    for stamp, (move, number) in enumerate(moves, 3):
        entry, name = space.entry(b"s", SET, NOW), b"%d" % number
        assert entry is not None
        if move == "add":
            assert MEMBERS.add(space, entry, name) == (name not in peer)
            peer.add(name)
        elif move in ("pop", "pops"):
            count = min(1 if move == "pop" else number % 9, len(peer) - 1)
            taken = {row[0] for row in MEMBERS.pop(space, entry, count)}
            assert len(taken) == count
            assert taken <= peer
            peer -= taken
        elif move == "discard" and peer != {name}:
            assert MEMBERS.discard(space, entry, name) == (name in peer)
            peer.discard(name)
        elif move == "has":
            assert MEMBERS.has(space, entry, name) == (name in peer)
        elif move == "draw":
            assert {row[0] for row in MEMBERS.draw(space, entry, number)} <= peer
        elif move == "scan":
            rows = MEMBERS.scan(space, entry, 0, 1000)[1]
            assert sorted(rows) == sorted((member,) for member in peer)
        elif move == "other":
            other = space.entry(b"t", SET, NOW)
            assert other is not None
            MEMBERS.pop(space, other, 1)
            space.touch(other, stamp)
        assert entry.count == len(peer)
        space.touch(entry, stamp)
        if move == "settle":
            space.settle()
    space.settle()
    found = space.entry(b"s", SET, NOW)
    assert found is not None
    assert {row[0] for row in MEMBERS.all(space, found)} == peer
    # Without a hole: each slot has one of them.
    assert len(MEMBERS.draw_with_repeats(space, found, 50)) == 50


def test_who_is_taken_at_random_may_be_anybody(space: KeySpace) -> None:
    """Each of a few members comes first, and last, some time."""
    first, last = set(), set()
    for stamp in range(300):
        entry = space.make(b"s", SET, stamp)
        MEMBERS.add_new(space, entry, [(b"%d" % number,) for number in range(5)])
        order = [MEMBERS.pop(space, entry, 1)[0][0] for _ in range(5)]
        assert len({*order}) == 5
        first.add(order[1])
        last.add(order[3])
    assert first == last == {b"%d" % number for number in range(5)}
    assert DRAWN_AHEAD > 5


SCORED = st.lists(
    st.tuples(
        st.sampled_from(["put", "put", "min", "max", "remove", "score", "rank", "range", "settle"]),
        st.integers(0, 90),
        st.integers(-5, 5).map(float),
    ),
    max_size=120,
)


@settings(
    derandomize=True,
    deadline=None,
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(moves=SCORED)
def test_a_sorted_set_is_sorted(
    space: KeySpace, monkeypatch: pytest.MonkeyPatch, moves: list[tuple[str, int, float]]
) -> None:
    for module, name, value in (
        (blocks, "MEMBERS_MAX", 8),
        (sorted_sets, "MEMBERS_MAX", 8),
        (blocks, "MEMBERS_MIN", 2),
        (blocks, "CHILDREN_MAX", 4),
        (blocks, "CHILDREN_MIN", 2),
    ):
        monkeypatch.setattr(module, name, value)
    space.clear()
    peer = {b"%d" % number: float(number % 7) for number in range(0, 90, 2)} | {LARGE: 3.0}
    sorted_sets.make(space, b"z", peer, 1)
    for stamp, (move, number, score) in enumerate(moves, 2):
        found, name = sorted_sets.find(space, b"z", NOW), b"%d" % number
        assert found is not None
        order = sorted((score, member) for member, score in peer.items())
        if move == "put":
            old = found.score(name)
            assert old == peer.get(name)
            found.put({name: score}, {} if old is None else {name: old})
            peer[name] = score
        elif move in ("min", "max") and len(peer) > 1:
            taken = found.pop(largest=move == "max")
            assert taken == order[-1 if move == "max" else 0][::-1]
            del peer[taken[0]]
        elif move == "remove" and name in peer and len(peer) > 1:
            found.remove([(name, peer.pop(name))])
        elif move == "score":
            assert found.score(name) == peer.get(name)
        elif move == "rank":
            assert found.before((score, name)) == sum(each < (score, name) for each in order)
        elif move == "range":
            first = number % len(order)
            members = [(member, score) for score, member in order[first : first + 10]]
            assert found.slice(first, min(first + 9, len(order) - 1)) == members
        assert found.entry.count == len(peer)
        space.touch(found.entry, stamp)
        if move == "settle":
            space.settle()
    space.settle()
    again = sorted_sets.find(space, b"z", NOW)
    assert again is not None
    order = sorted((score, member) for member, score in peer.items())
    assert again.members() == [(member, score) for score, member in order]
    assert [again.before(place) for place in order] == list(range(len(order)))


def test_more_than_is_put_off(space: KeySpace) -> None:
    """However many there are, and however many are written together, none is lost."""
    count = 2 * PUT_OFF_MAX + ROWS_TOGETHER + 3
    items = [b"%d" % number for number in range(count)]
    stacked = space.make(b"l", LIST, 1)
    fields = space.make(b"h", HASH, 2)
    for item in items:
        lists.push(space, stacked, [item], left=False)
        assert FIELDS.put(space, fields, item, item)
    scored = sorted_sets.make(space, b"z", {items[0]: 0.0}, 3)
    for item in items[1:]:
        assert scored.score(item) is None
        scored.put({item: float(item)}, {})
    assert not FIELDS.put(space, fields, items[5], b"new")
    assert FIELDS.value(space, fields, items[5]) == b"new"
    assert scored.score(items[7]) == 7.0
    half = [lists.pop(space, stacked, left=True) for _ in range(count // 2)]
    assert half == items[: count // 2]
    space.touch(stacked, 4)
    space.settle()
    kept = space.entry(b"l", LIST, NOW)
    assert kept is not None
    assert lists.between(space, kept, 0, kept.count) == items[count // 2 :]
    found = space.entry(b"h", HASH, NOW)
    assert found is not None
    assert FIELDS.all(space, found) == [
        (item, b"new" if item == items[5] else item) for item in items
    ]
    again = sorted_sets.find(space, b"z", NOW)
    assert again is not None
    assert again.members() == [(item, float(item)) for item in items]
    assert [again.before((float(item), item)) for item in items[::500]] == list(
        range(0, count, 500)
    )


def test_nothing_put_off_outlives_an_undo(space: KeySpace) -> None:
    entry = space.make(b"l", LIST, 1)
    lists.push(space, entry, [b"a"], left=True)
    space.forget()
    assert space.find(b"l", NOW) is None
    lists.push(space, space.make(b"l", LIST, 1), [b"b"], left=True)
    space.settle()
    entry_again = space.entry(b"l", LIST, NOW)
    assert entry_again is not None
    assert lists.between(space, entry_again, 0, 1) == [b"b"]
