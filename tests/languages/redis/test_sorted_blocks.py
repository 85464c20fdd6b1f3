"""The counted blocks of large sorted sets: random changes beside a sorted list, and their rules."""

from __future__ import annotations

import bisect
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivefold.errors import Limit
from fivefold.models.keyvalue import blocks, sorted_sets
from fivefold.models.keyvalue.blocks import ONWARDS, START, Position
from fivefold.models.keyvalue.fixed import read
from tests.languages.redis.rig import Client, Rig
from tests.languages.redis.test_beside_redis import bounded

ALL_BLOCKS = read("SELECT count(*) FROM {sorted_set_blocks}", "", "number")


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks so small that a hundred members have several levels of them."""
    monkeypatch.setattr(blocks, "MEMBERS_MAX", 8)
    monkeypatch.setattr(sorted_sets, "MEMBERS_MAX", 8)
    monkeypatch.setattr(blocks, "MEMBERS_MIN", 2)
    monkeypatch.setattr(blocks, "CHILDREN_MAX", 4)
    monkeypatch.setattr(blocks, "CHILDREN_MIN", 2)


@pytest.fixture
def stored(store_url: str) -> Iterator[Client]:
    """A client of the store that this run is about."""
    rig = Rig(store_url)
    yield rig.client()
    rig.close()


def check(client: Client, scores: dict[bytes, float], key: bytes = b"k") -> int:
    """Check a key against what it is to hold, and its blocks; return how many levels they have."""
    space = client.commands.space
    found = sorted_sets.find(space, key, client.commands.now_ms)
    order = sorted((score, member) for member, score in scores.items())
    if found is None:
        assert not scores
        assert space.read(ALL_BLOCKS) == [(0,)]
        space.settle()
        return 0
    assert found.entry.count == len(order)
    assert [(score, member) for member, score in found.members()] == order
    levels = int(found.entry.state or 0)
    below = order
    for level in range(1, levels + 1):
        rows = space.read(ONWARDS, (found.entry.id, level, *START, 1 << 30))
        starts: list[Position] = [(score, member) for score, member, _ in rows]
        assert starts[0] == START
        ends = [*[bisect.bisect_left(order, start) for start in starts[1:]], len(order)]
        assert [count for _, _, count in rows] == _differences(ends)
        if level > 1:
            assert set(starts) <= set(below)
        within = [*[bisect.bisect_left(below, start) for start in starts[1:]], len(below)]
        most = blocks.MEMBERS_MAX if level == 1 else blocks.CHILDREN_MAX
        assert max(_differences(within)) <= most
        below = starts
    assert levels == 0 or 1 < len(below) <= blocks.CHILDREN_MAX
    if not levels:
        assert space.read(ALL_BLOCKS) == [(0,)]
    space.settle()
    return levels


def _differences(ends: list[int]) -> list[int]:
    return [end - before for before, end in zip([0, *ends], ends, strict=False)]


SCORES = st.one_of(st.integers(-3, 3).map(float), st.sampled_from([0.5, float("inf"), 1e300]))
MEMBERS = st.integers(0, 150).map(lambda number: b"%d" % number)
STEPS = st.lists(
    st.one_of(
        *[st.tuples(st.just("add"), st.lists(st.tuples(MEMBERS, SCORES), min_size=1, max_size=40))]
        * 3,
        st.tuples(st.just("remove"), st.lists(MEMBERS, min_size=1, max_size=40)),
        st.tuples(st.just("ranks"), st.tuples(st.integers(0, 100), st.integers(0, 40))),
        st.tuples(st.just("scores"), st.tuples(SCORES, SCORES)),
        st.tuples(st.just("pop"), st.integers(1, 30)),
    ),
    min_size=1,
    max_size=20,
)


def apply(client: Client, scores: dict[bytes, float], kind: str, given_: Any) -> None:
    """Do one step on both sides."""
    order = sorted((score, member) for member, score in scores.items())
    gone: list[bytes] = []
    match kind:
        case "add":
            client.run("ZADD", "k", *[word for m, score in given_ for word in (repr(score), m)])
            scores.update(given_)
        case "remove":
            gone = [member for member in set(given_) if member in scores]
            assert client.run("ZREM", "k", *given_) == len(gone)
        case "ranks":
            first, number = given_
            gone = [member for _, member in order[first : first + number + 1]]
            assert client.run("ZREMRANGEBYRANK", "k", first, first + number) == len(gone)
        case "scores":
            low, high = given_
            gone = [member for score, member in order if low < score <= high]
            count = client.run("ZREMRANGEBYSCORE", "k", f"({low!r}", repr(high))
            assert count == len(gone)
        case "pop":
            gone = [member for _, member in order[:given_]]
            popped = client.run("ZPOPMIN", "k", given_)
            assert isinstance(popped, list)
            assert popped[::2] == gone
    for member in gone:
        del scores[member]


def look(client: Client, scores: dict[bytes, float]) -> None:
    """Compare what ranks and counts are said to be."""
    order = sorted((score, member) for member, score in scores.items())
    for rank in range(0, len(order), 7):
        score, member = order[rank]
        assert client.run("ZRANK", "k", member) == rank
        assert client.run("ZREVRANK", "k", member) == len(order) - 1 - rank
        names = [name for _, name in order]
        assert client.run("ZRANGE", "k", rank, rank + 9) == names[rank : rank + 10]
        assert client.run("ZREVRANGE", "k", rank, rank + 9) == names[::-1][rank : rank + 10]
        below = sum(each < score for each, _ in order)
        assert client.run("ZCOUNT", "k", "-inf", f"({score!r}") == below


@pytest.mark.usefixtures("small_blocks")
@bounded(60)
@given(steps=STEPS)
def test_changes(client: Client, steps: list[tuple[str, Any]]) -> None:
    client.run("FLUSHALL")
    scores: dict[bytes, float] = {}
    for kind, given_ in steps:
        apply(client, scores, kind, given_)
        check(client, scores)
    look(client, scores)


@pytest.mark.usefixtures("small_blocks")
def test_many_levels_grow_and_vanish(stored: Client) -> None:
    luck = random.Random(7)
    names = [b"%d" % number for number in range(300)]
    scores: dict[bytes, float] = {}
    luck.shuffle(names)
    for at in range(0, 300, 30):
        apply(stored, scores, "add", [(name, luck.random()) for name in names[at : at + 30]])
    assert check(stored, scores) >= 3
    look(stored, scores)
    luck.shuffle(names)
    for at in range(0, 300, 20):
        apply(stored, scores, "remove", names[at : at + 20])
        check(stored, scores)
    assert not scores


@pytest.mark.usefixtures("small_blocks")
def test_copies_and_new_names_keep_their_blocks(stored: Client) -> None:
    scores: dict[bytes, float] = {}
    apply(stored, scores, "add", [(b"%d" % number, float(number)) for number in range(50)])
    stored.run("COPY", "k", "copy")
    stored.run("RENAME", "k", "name")
    stored.run("ZADD", "name", "-1", "first")
    assert check(stored, scores, b"copy") > 1
    assert check(stored, {**scores, b"first": -1.0}, b"name") > 1
    stored.run("DEL", "copy", "name")
    assert check(stored, {}, b"copy") == 0


@pytest.mark.usefixtures("small_blocks")
def test_what_is_undone_leaves_the_blocks_as_they_were(
    stored: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores: dict[bytes, float] = {}
    apply(stored, scores, "add", [(b"%d" % number, float(number)) for number in range(50)])
    with monkeypatch.context() as patch:

        def fail(*_: object) -> None:
            raise Limit("the disk is full", "disk_full")

        patch.setattr(type(stored.commands.space), "write", fail)
        with pytest.raises(Limit):
            stored.run("ZREMRANGEBYRANK", "k", 5, 40)
    check(stored, scores)
    look(stored, scores)


def test_blocks_of_the_usual_size(client: Client) -> None:
    scores: dict[bytes, float] = {}
    luck = random.Random(3)
    pairs = [(b"m%d" % number, float(luck.randrange(500))) for number in range(3000)]
    apply(client, scores, "add", pairs)
    assert check(client, scores) == 1
    apply(client, scores, "ranks", (500, 2300))
    check(client, scores)
