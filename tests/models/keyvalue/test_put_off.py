"""Changes of elements that are put off: whatever comes between, all is as if made at once."""

from __future__ import annotations

from collections import deque

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fivefold.models.keyvalue import lists, sorted_sets
from fivefold.models.keyvalue.fixed import ROWS_TOGETHER
from fivefold.models.keyvalue.layout import HASH, LIST
from fivefold.models.keyvalue.slots import FIELDS
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
