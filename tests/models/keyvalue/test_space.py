"""The operations on one database: absence, expiry, kinds, versions, scans."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.catalog.roles import Privilege
from fivefold.errors import InvalidValue
from fivefold.models.keyvalue import groups, layout, lists, slots, sorted_sets, streams, texts
from fivefold.models.keyvalue.fixed import Fixed, Statements
from fivefold.models.keyvalue.slots import FIELDS
from fivefold.models.keyvalue.space import KeySpace
from fivefold.plan.statement import Effort, Prepared, Template
from fivefold.stores.contract import Connection
from fivefold.stores.sqlite.store import SqliteStore
from tests.models.keyvalue.conftest import make_space

NOW = 1_000_000
STAMPS = itertools.count(1)


def version(space: KeySpace, key: bytes) -> int | None:
    """Return the version of a key, None if it is not there."""
    entry = space.find(key, NOW)
    return None if entry is None else entry.version


def test_without_tables_nothing_is_read(store: SqliteStore, connection: Connection) -> None:
    space = KeySpace(connection, Statements(store.prepare, 3), exists=False)
    assert space.get(b"a", NOW) is None
    assert space.values([b"a"], NOW) == {}
    assert space.find(b"a", NOW) is None
    assert space.keys(b"", NOW) == space.keys(b"x", NOW) == space.keys(b"\xff", NOW) == []
    assert space.scan(0, 10, NOW) == (0, [])
    assert space.count(NOW) == space.count_expiring(NOW) == 0
    assert space.random(NOW) is None
    assert space.reap(NOW, 10) == []
    space.clear()


def test_closed_again_it_reads_nothing(space: KeySpace) -> None:
    """As after a rollback of the transaction that made the tables."""
    space.put(b"a", b"1", 1)
    space.settle()
    space.close()
    assert space.get(b"a", NOW) is None
    space.open()
    assert space.get(b"a", NOW) == b"1"


def test_what_is_put_off_is_seen_and_written_once(space: KeySpace, connection: Connection) -> None:
    def written() -> int:
        return space.read(texts.COUNT)[0][0]  # type: ignore[no-any-return]  # a number

    for stamp in range(1, 9):
        space.put(b"a", b"%d" % stamp, stamp)
    assert (space.get(b"a", NOW), written()) == (b"8", 0)
    space.delete(b"a", NOW)
    space.write()
    assert (space.get(b"a", NOW), written()) == (None, 0)
    space.put(b"a", b"9", 9)
    space.settle()
    assert (space.entries, written()) == ({}, 1)
    space.put(b"b", b"", 10)
    space.forget()
    space.settle()
    assert (space.get(b"b", NOW), written()) == (None, 1)


def test_a_key_is_there_in_its_last_millisecond(space: KeySpace) -> None:
    space.put(b"a", b"1", 1, NOW)
    for now_ms, is_there in ((NOW - 1, True), (NOW, True), (NOW + 1, False)):
        assert (space.get(b"a", now_ms) == b"1") is is_there
        assert (space.values([b"a"], now_ms) == {b"a": b"1"}) is is_there
        assert (space.find(b"a", now_ms) is not None) is is_there
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
    space.settle()
    assert space.due(NOW + 5)
    assert space.reap(NOW + 5, 2) == [b"1", b"2"]
    assert space.reap(NOW + 5, 2) == [b"3"]
    assert space.reap(NOW + 5, 2) == []
    assert not space.due(NOW + 5)
    assert space.expired == [b"1", b"2", b"3"]
    assert space.keys(b"", 0) == [b"9", b"stays"]


def put_hash(space: KeySpace, key: bytes, fields: int) -> int:
    """Make a hash, as another process would; return its id."""
    entry = space.make(key, layout.HASH, next(STAMPS))
    FIELDS.add_new(space, entry, [(b"%d" % number, b"v") for number in range(fields)])
    space.settle()
    return entry.id


@pytest.mark.parametrize("fields", [1, 1000])
def test_another_kind_is_refused_or_replaced(space: KeySpace, fields: int) -> None:
    """What was in it goes, at once or by and by."""
    space.put(b"string", b"1", 1)
    id_ = put_hash(space, b"hash", fields)
    with pytest.raises(InvalidValue) as refusal:
        space.get(b"hash", NOW)
    assert refusal.value.code == "wrong_value_kind"
    keys = [b"string", b"hash", *(b"absent %d" % i for i in range(40)), b"string"]
    assert space.values(keys, NOW) == {b"string": b"1", b"hash": None}
    space.put(b"hash", b"now a string", 2)
    space.settle()
    assert space.get(b"hash", NOW) == b"now a string"
    while space.sweep(100):
        pass
    assert space.read(texts.ELEMENTS_OF["hash_fields"].read, (id_,)) == []
    put_hash(space, b"hash", fields)
    assert space.delete(b"hash", NOW)
    assert space.find(b"hash", NOW) is None


def test_versions_tell_changes(space: KeySpace) -> None:
    space.put(b"a", b"1", 1)
    entry = space.find(b"a", NOW)
    assert entry is not None
    space.change_value(entry, b"2", 2)
    assert (version(space, b"a"), space.get(b"a", NOW)) == (2, b"2")
    space.expire(entry, NOW + 5, 3)
    space.settle()
    entry = space.find(b"a", NOW)
    assert entry is not None
    assert (entry.version, entry.expire_ms) == (3, NOW + 5)
    space.change_value(entry, b"3", 4)
    space.settle()
    entry = space.find(b"a", NOW)
    assert entry is not None
    assert (entry.version, entry.expire_ms) == (4, NOW + 5)
    space.put(b"b", b"", 5)
    space.rename(entry, b"b", 6)
    space.settle()
    renamed = space.find(b"b", NOW)
    assert renamed is not None
    assert (renamed.version, renamed.expire_ms) == (6, NOW + 5)
    assert version(space, b"a") is None


def test_a_copy_goes_to_another_database(
    space: KeySpace, store: SqliteStore, connection: Connection
) -> None:
    other = make_space(store, connection, 1)
    space.put(b"a", b"1", 1, NOW)
    put_hash(space, b"h", 3)
    for key in (b"a", b"h"):
        entry = space.find(key, NOW)
        assert entry is not None
        space.copy(entry, other, key * 2, 2)
    other.settle()
    copied, hash_ = other.find(b"aa", NOW), other.find(b"hh", NOW)
    assert copied is not None
    assert hash_ is not None
    assert (other.get(b"aa", NOW), copied.expire_ms, copied.version) == (b"1", NOW, 2)
    assert FIELDS.all(other, hash_) == [(b"0", b"v"), (b"1", b"v"), (b"2", b"v")]


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
            elif (entry := space.find(name, NOW)) is None:
                continue
            elif what == "expire":
                space.expire(entry, NOW + number, next(stamps))
            elif name != other:
                space.rename(entry, other, next(stamps))
                staying -= {name, other}
                ever.add(other)
        space.settle()
    assert staying <= returned <= ever


FIXED = [
    each
    for module in (groups, lists, slots, sorted_sets, streams, texts)
    for value in vars(module).values()
    for each in (value if isinstance(value, tuple) else (value,))
    if isinstance(each, Fixed)
]


def test_statements_say_what_they_touch(store: SqliteStore, space: KeySpace) -> None:
    assert len(FIXED) > 50
    for fixed in FIXED:
        statement = fixed.statement(7)
        assert {access.namespace for access in statement.accesses} == {"redis_7"}
        wanted = Privilege.WRITE if statement.writes else Privilege.READ
        assert {access.privilege for access in statement.accesses} == {wanted}
        assert isinstance(statement.source, Template)
        assert len(statement.parameters) == statement.source.text.count("?"), fixed.text
        assert statement.effort is (Effort.SCAN if fixed.scans else Effort.POINT)


def test_statements_use_keys(space: KeySpace, connection: Connection) -> None:
    """Every statement but those that are about all keys goes by an index."""
    for fixed in FIXED:
        prepared = space.statements[fixed]
        plan = Prepared(prepared.statement, f"EXPLAIN QUERY PLAN {prepared.text}")
        rows = connection.run(plan, (None,) * len(prepared.statement.parameters))
        steps = " ".join(str(row[-1]) for row in rows).replace("SCAN CONSTANT ROW", "")
        about_all = fixed in (texts.KEYS_ALL, texts.COUNT, texts.GARBAGE, *texts.CLEAR)
        assert ("SCAN" in steps) <= about_all, (fixed.text, steps)
