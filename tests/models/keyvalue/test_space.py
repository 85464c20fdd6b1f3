"""The operations on one database: absence, expiry, kinds, versions, scans."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.errors import InvalidValue
from fivefold.models.keyvalue import layout
from fivefold.models.keyvalue.space import KeySpace
from fivefold.plan.statement import Effort, Prepared, Privilege, Statement, Template
from fivefold.stores.contract import Connection
from fivefold.stores.sqlite.store import SqliteStore
from tests.models.keyvalue.conftest import make_space

NOW = 1_000_000


def put_other_kind(store: SqliteStore, connection: Connection, key: bytes) -> None:
    """Write a row as another kind of key has it: without a value."""
    text = (
        "INSERT INTO {keys} (key, kind, value, expire_ms, version, id)"
        " VALUES (?, 'hash', NULL, NULL, 1, 1)"
    )
    statement = Statement(Template(text, {"keys": (layout.namespace(0), layout.KEYS)}), writes=True)
    connection.run(store.prepare(statement), (key,))


def test_nothing_is_made_by_reading(space: KeySpace) -> None:
    assert not space.exists
    assert space.get(b"a", NOW) is None
    assert space.values([b"a"], NOW) == {}
    assert space.head(b"a", NOW) is None
    assert space.keys(b"", NOW) == space.keys(b"x", NOW) == space.keys(b"\xff", NOW) == []
    assert space.scan(0, 10, NOW) == (0, [])
    assert space.count(NOW) == space.count_expiring(NOW) == 0
    assert space.random(NOW) is None
    assert space.reap(NOW, 10) == []
    space.clear()
    assert not space.exists


def test_the_first_write_makes_it(space: KeySpace) -> None:
    space.put(b"a", b"1", 1)
    assert space.exists
    assert space.get(b"a", NOW) == b"1"


def test_closed_again_it_reads_nothing(space: KeySpace) -> None:
    """As after a rollback of the transaction that made it."""
    space.put(b"a", b"1", 1)

    def refuse() -> None:
        raise AssertionError("nothing was written")

    space.close(refuse)
    assert space.get(b"a", NOW) is None
    space.open()
    assert space.get(b"a", NOW) == b"1"


def test_a_key_is_there_in_its_last_millisecond(space: KeySpace) -> None:
    space.put(b"a", b"1", 1, NOW)
    for now_ms, is_there in ((NOW - 1, True), (NOW, True), (NOW + 1, False)):
        assert (space.get(b"a", now_ms) == b"1") is is_there
        assert (space.values([b"a"], now_ms) == {b"a": b"1"}) is is_there
        assert (space.head(b"a", now_ms) == ("string", NOW, 1)) is is_there
        assert (space.keys(b"", now_ms) == [b"a"]) is is_there
        assert (space.keys(b"a", now_ms) == [b"a"]) is is_there
        assert (space.scan(0, 9, now_ms) == (0, [(b"a", "string")])) is is_there
        assert (space.count(now_ms) == 1) is is_there
        assert (space.count_expiring(now_ms) == 1) is is_there
        assert (space.random(now_ms) == b"a") is is_there
    assert not space.delete(b"a", NOW + 1)
    assert space.delete(b"a", NOW)
    assert not space.delete(b"a", NOW)


def test_reap_takes_the_longest_expired_first(space: KeySpace) -> None:
    for stamp, after_ms in enumerate((3, 1, 2, 9), 1):
        space.put(b"%d" % after_ms, b"", stamp, NOW + after_ms)
    space.put(b"stays", b"", 10)
    assert space.reap(NOW + 5, 2) == [b"1", b"2"]
    assert space.reap(NOW + 5, 2) == [b"3"]
    assert space.reap(NOW + 5, 2) == []
    assert space.keys(b"", 0) == [b"9", b"stays"]


def test_another_kind_is_refused_or_replaced(
    space: KeySpace, store: SqliteStore, connection: Connection
) -> None:
    space.put(b"string", b"1", 1)
    put_other_kind(store, connection, b"hash")
    with pytest.raises(InvalidValue) as refusal:
        space.get(b"hash", NOW)
    assert refusal.value.code == "wrong_value_kind"
    keys = [b"string", b"hash", *(b"absent %d" % i for i in range(40)), b"string"]
    assert space.values(keys, NOW) == {b"string": b"1", b"hash": None}
    assert space.head(b"hash", NOW) == ("hash", None, 1)
    space.put(b"hash", b"now a string", 2)
    assert space.get(b"hash", NOW) == b"now a string"
    put_other_kind(store, connection, b"other")
    assert space.delete(b"other", NOW)
    assert space.head(b"other", NOW) is None


def test_many_strings_are_written_together(
    space: KeySpace, store: SqliteStore, connection: Connection
) -> None:
    space.put(b"old", b"1", 1, NOW)
    put_other_kind(store, connection, b"hash")
    rows = [(b"old", b"2", None, 2, 2), (b"new", b"3", None, 3, 3), (b"new", b"4", None, 4, 4)]
    space.statements.write(connection, rows)
    assert space.values([b"old", b"new"], NOW + 1) == {b"old": b"2", b"new": b"4"}
    space.statements.write(connection, [*rows[:1], (b"hash", b"5", None, 5, 5)])
    assert space.values([b"old", b"hash"], NOW + 1) == {b"old": b"2", b"hash": b"5"}
    assert space.head(b"hash", NOW) == ("string", None, 5)


def test_versions_tell_changes(space: KeySpace) -> None:
    def version() -> int | None:
        head = space.head(b"a", NOW)
        return head and head[2]

    space.put(b"a", b"1", 1)
    space.change(b"a", b"2", 2)
    assert (version(), space.get(b"a", NOW)) == (2, b"2")
    space.expire(b"a", NOW + 5, 3)
    assert version() == 3
    space.change(b"a", b"3", 4)
    assert space.head(b"a", NOW) == ("string", NOW + 5, 4)
    space.put(b"b", b"", 5)
    space.rename(b"a", b"b", 6)
    assert space.head(b"b", NOW) == ("string", NOW + 5, 6)
    assert version() is None


def test_a_copy_goes_to_another_database(
    space: KeySpace, store: SqliteStore, connection: Connection
) -> None:
    other = make_space(store, connection, 1)
    space.put(b"a", b"1", 1, NOW)
    head = space.head(b"a", NOW)
    assert head is not None
    space.copy(b"a", head, other, b"b", 2)
    assert other.get(b"b", NOW) == space.get(b"a", NOW) == b"1"
    assert other.head(b"b", NOW) == ("string", NOW, 2)


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        (b"", [b"", b"a", b"ab", b"b", b"\xff", b"\xff\xffx"]),
        (b"a", [b"a", b"ab"]),
        (b"ab", [b"ab"]),
        (b"c", []),
        (b"\xff", [b"\xff", b"\xff\xffx"]),
        (b"\xff\xff", [b"\xff\xffx"]),
    ],
)
def test_keys_by_prefix(space: KeySpace, prefix: bytes, found: list[bytes]) -> None:
    for stamp, key in enumerate((b"", b"a", b"ab", b"b", b"\xff", b"\xff\xffx"), 1):
        space.put(key, b"", stamp)
    assert sorted(space.keys(prefix, NOW)) == found


def test_random_reaches_every_key(space: KeySpace) -> None:
    random.seed(5)
    for stamp in range(1, 6):
        space.put(b"%d" % stamp, b"", stamp * 10, NOW if stamp == 3 else None)
    found = {space.random(NOW + 1) for _ in range(200)}
    assert found == {b"1", b"2", b"4", b"5"}


STAMPS = itertools.count(1)


@pytest.fixture(scope="module")
def shared_space(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeySpace]:
    """One key space for many small examples."""
    store = SqliteStore(str(tmp_path_factory.mktemp("scan") / "store.db"))
    connection = store.connect()
    connection.begin(write=True)
    yield make_space(store, connection, 0)
    connection.close()
    store.close()


CHANGES = st.lists(
    st.tuples(st.sampled_from(["put", "delete", "expire", "rename"]), st.integers(0, 30)),
    max_size=6,
)


@settings(max_examples=40, derandomize=True, deadline=None, database=None)
@given(rounds=st.lists(CHANGES, min_size=1, max_size=12), count=st.integers(1, 7))
def test_a_scan_returns_what_stays(
    shared_space: KeySpace, rounds: list[list[tuple[str, int]]], count: int
) -> None:
    """Whatever is there from the start of a scan to its end is returned, and nothing unknown."""
    space, stamps = shared_space, STAMPS
    space.clear()
    names = [b"key:%d" % number for number in range(31)]
    for name in names[::2]:
        space.put(name, b"", next(stamps))
    staying, ever = set(names[::2]), set(names[::2])
    returned: set[bytes] = set()
    cursor = 0
    for changes in itertools.chain(rounds, itertools.repeat([])):
        cursor, found = space.scan(cursor, count, NOW)
        returned |= {key for key, _ in found}
        if not cursor:
            break
        for what, number in changes:
            name, other = names[number], names[(number * 7 + 3) % 31]
            if what == "put":
                space.put(name, b"x", next(stamps))
                ever.add(name)
            elif what == "delete":
                space.delete(name, NOW)
                staying.discard(name)
            elif what == "expire" and space.head(name, NOW):
                space.expire(name, NOW + number, next(stamps))
            elif what == "rename" and space.head(name, NOW) and name != other:
                space.rename(name, other, next(stamps))
                staying -= {name, other}
                ever.add(other)
    assert staying <= returned <= ever


def test_statements_say_what_they_touch() -> None:
    statements = layout.statements(lambda statement: Prepared(statement, "", statement.writes), 7)
    for name in layout.Statements.__slots__:
        statement = getattr(statements, name).statement
        (access,) = statement.accesses
        assert (access.namespace, access.container) == ("redis_7", "keys")
        wanted = Privilege.WRITE if statement.writes else Privilege.READ
        assert access.privilege is wanted
        assert isinstance(statement.source, Template)
        assert len(statement.parameters) == statement.source.text.count("?")
        assert (statement.outputs is None) is statement.writes
    assert statements.read_value.statement.effort is Effort.POINT
    assert statements.put.statement.effort is Effort.POINT
    assert statements.count.statement.effort is Effort.SCAN


def test_reads_by_key_use_the_key(
    space: KeySpace, store: SqliteStore, connection: Connection
) -> None:
    """Every statement but those that are about all keys goes by an index."""
    space.put(b"a", b"1", 1)
    whole = {"keys_all", "count", "clear"}
    for name in layout.Statements.__slots__:
        prepared = getattr(space.statements, name)
        plan = Prepared(prepared.statement, f"EXPLAIN QUERY PLAN {prepared.text}")
        rows = connection.run(plan, (None,) * len(prepared.statement.parameters))
        steps = " ".join(str(row[-1]) for row in rows)
        assert ("SCAN" in steps.replace("SCAN CONSTANT ROW", "")) <= (name in whole), (name, steps)
