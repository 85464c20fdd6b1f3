"""Indexes of collections, of static columns and of what compares otherwise than it is stored.

Source: "Secondary Indexes" of Cassandra's CQL reference. What a query by index finds is held
against all rows of the table, looked at in Python.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

import fivefold
from fivefold.api.database import Database
from fivefold.engine.clock import DrivenClock
from fivefold.engine.engine import Engine
from fivefold.errors import FivefoldError
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.select.narrowing import Narrowing
from fivefold.languages.cql.select.pushed import Condition
from fivefold.stores.open import open_store

KEYSPACE = (
    "CREATE KEYSPACE x WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
)
TABLE = (
    "CREATE TABLE x.t (key int, c int, l list<int>, e set<text>, m map<int, text>,"
    " f frozen<list<int>>, d decimal, s int static, o set<int> static, PRIMARY KEY (key, c))"
)
TARGETS = ("l", "e", "m", "keys(m)", "entries(m)", "full(f)", "d", "s", "o")
Test = Callable[[Any], bool]
QUERIES: list[tuple[str, Test]] = [
    ("l CONTAINS 1", lambda row: 1 in (row.l or ())),
    ("e CONTAINS 'a'", lambda row: "a" in (row.e or ())),
    ("m CONTAINS 'a'", lambda row: "a" in (row.m or {}).values()),
    ("m CONTAINS KEY 1", lambda row: 1 in (row.m or {})),
    ("m[1] = 'b'", lambda row: (row.m or {}).get(1) == "b"),
    ("f = [1, 2]", lambda row: row.f == [1, 2]),
    ("d = 1.0", lambda row: str(row.d) == "1.0"),
    ("s = 1", lambda row: row.s == 1),
    ("o CONTAINS 2", lambda row: 2 in (row.o or ())),
]


class Rig:
    """A table with an index of each kind, over a clock that is driven."""

    def __init__(self, url: str) -> None:
        self.clock = DrivenClock()
        self.db = Database(Engine(open_store(url), self.clock))
        for text in (KEYSPACE, TABLE, *(f"CREATE INDEX ON x.t ({one})" for one in TARGETS)):
            self.db.cql(text)

    def check(self) -> None:
        """See whether each index finds what is there."""
        rows = self.db.cql("SELECT * FROM x.t").all()
        for condition, test in QUERIES:
            found = self.db.cql(f"SELECT * FROM x.t WHERE {condition}").all()
            assert found == [row for row in rows if test(row)], condition

    def entries(self) -> int:
        """Return how many entries the indexes have that are tables."""
        return sum(
            self.db.sql(f'SELECT count(*) FROM x."{table}"').fetchone()[0]
            for (table,) in self.db.sql(
                "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 't$i$%'"
            ).fetchall()
        )


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    made = Rig(str(tmp_path_factory.mktemp("indexes") / "store.db"))
    with made.db:
        yield made


keys = st.sampled_from((1, 1, 1, 2))
stamps = st.integers(1, 8)
ttls = st.sampled_from((0, 0, 3, 5))
VALUES = {
    "l": ("null", "[]", "[1]", "[2, 1, 1]", "[3]"),
    "e": ("null", "{}", "{'a'}", "{'a', 'b'}", "{'b'}"),
    "m": ("null", "{1: 'a'}", "{1: 'b', 2: 'a'}", "{2: 'b'}"),
    "f": ("null", "[]", "[1, 2]", "[2]"),
    "d": ("null", "1.0", "1.00", "2"),
    "s": ("null", "1", "2"),
    "o": ("null", "{1}", "{1, 2}", "{}"),
}
CHANGES = (
    *(f"{name} = {value}" for name, values in VALUES.items() for value in values),
    *("l = l + [1]", "l = [2] + l", "l = l - [1]", "e = e + {'a'}", "e = e - {'a'}"),
    *("m[1] = 'b'", "m[1] = null", "m[2] = 'a'", "m = m - {1}", "o = o + {2}", "o = o - {2}"),
)


DELETED = (
    *(("", ""), ("", " AND c = 1"), ("", " AND c >= 1"), ("e, m", " AND c = 1")),
    *(("m[1]", " AND c = 1"), ("s", ""), ("o", ""), ("f, d", " AND c = 1")),
)


def using(stamp: int, ttl: int) -> str:
    return f"USING TIMESTAMP {stamp}" + (f" AND TTL {ttl}" if ttl else "")


def updated(change: str, key: int, c: int, stamp: int, ttl: int) -> str:
    where = f"key = {key}" + ("" if change[0] in "so" else f" AND c = {c}")
    return f"UPDATE x.t {using(stamp, ttl)} SET {change} WHERE {where}"


def inserted(given: list[tuple[str, str]], key: int, c: int, stamp: int, ttl: int) -> str:
    names = "".join([f", {name}" for name, _ in given])
    values = "".join([f", {value}" for _, value in given])
    return f"INSERT INTO x.t (key, c{names}) VALUES ({key}, {c}{values}) {using(stamp, ttl)}"


WRITES = st.one_of(
    st.builds(updated, st.sampled_from(CHANGES), keys, keys, stamps, ttls),
    st.builds(
        inserted,
        st.lists(
            st.sampled_from([(name, value) for name in VALUES for value in VALUES[name]]),
            max_size=3,
            unique_by=lambda pair: pair[0],
        ),
        *(keys, keys, stamps, ttls),
    ),
    st.builds(
        lambda what, key, stamp: (
            f"DELETE {what[0]} FROM x.t USING TIMESTAMP {stamp} WHERE key = {key}{what[1]}"
        ),
        st.sampled_from(DELETED),
        *(keys, stamps),
    ),
)
BATCHES = st.lists(WRITES, min_size=2, max_size=3).map(
    lambda each: f"BEGIN BATCH {'; '.join(each)}; APPLY BATCH"
)


@settings(
    max_examples=int(os.environ.get("FIVEFOLD_INDEXES", "50")),
    derandomize="FIVEFOLD_INDEXES" not in os.environ,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    database=None,
)
@given(
    st.lists(
        st.one_of(WRITES, WRITES, WRITES, BATCHES, st.sampled_from((1, 2, 3))),
        min_size=4,
        max_size=14,
    )
)
@example(
    [
        "UPDATE x.t USING TIMESTAMP 1 AND TTL 3 SET m[1] = 'b' WHERE key = 1 AND c = 1",
        "UPDATE x.t USING TIMESTAMP 1 SET e = {'a'} WHERE key = 1 AND c = 1",
        *(2, 1, "UPDATE x.t USING TIMESTAMP 2 SET d = 1.00 WHERE key = 1 AND c = 1"),
        "UPDATE x.t USING TIMESTAMP 2 SET m[1] = 'a' WHERE key = 1 AND c = 1",
    ]
)
def test_an_index_finds_what_is_there(rig: Rig, steps: list[str | int]) -> None:
    rig.db.cql("TRUNCATE x.t")
    rig.check()
    for step in steps:
        if isinstance(step, int):
            rig.clock.advance(step * 1000)
        else:
            rig.db.cql(step)
        rig.check()
    for key in (1, 2):
        rig.db.cql(f"DELETE FROM x.t USING TIMESTAMP 9 WHERE key = {key}")
    assert rig.entries() == 0


@pytest.mark.parametrize(("target", "query"), list(zip(TARGETS, QUERIES, strict=False)))
def test_an_index_made_later_is_filled(tmp_path: Any, target: str, query: tuple[str, Test]) -> None:
    with fivefold.open(tmp_path / "store.db") as db:
        db.cql(KEYSPACE)
        db.cql(TABLE)
        for number in range(40):
            values = [(name, VALUES[name][number % len(VALUES[name])]) for name in VALUES]
            db.cql(inserted(values, number % 7, number, number + 1, 0))
        db.cql(f"CREATE INDEX made ON x.t ({target})")
        rows = db.cql("SELECT * FROM x.t").all()
        wanted = [row for row in rows if QUERIES[TARGETS.index(target)][1](row)]
        text = f"SELECT * FROM x.t WHERE {QUERIES[TARGETS.index(target)][0]}"
        assert db.cql(text).all() == wanted
        assert wanted
        db.cql("ALTER TABLE x.t RENAME key TO k")
        assert [row[1:] for row in db.cql(text)] == [row[1:] for row in wanted]
        db.cql("DROP INDEX x.made")
        with pytest.raises(FivefoldError, match="ALLOW FILTERING"):
            db.cql(text)
        db.cql("DROP TABLE x.t")
        db.cql(TABLE)
        db.cql(f"CREATE INDEX made ON x.t ({target})")
        assert db.cql(text).all() == []


@pytest.mark.parametrize("condition", [condition for condition, _ in QUERIES])
def test_a_query_goes_by_its_index(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, condition: str
) -> None:
    made: list[Condition | None] = []
    look = Narrowing.condition

    def condition_of(self: Narrowing, run: Run) -> Condition | None:
        made.append(look(self, run))
        return made[-1]

    monkeypatch.setattr(Narrowing, "condition", condition_of)
    rig.db.cql(f"SELECT c FROM x.t WHERE {condition}")
    (found,) = made
    assert found is not None


def test_truncate(rig: Rig) -> None:
    rig.db.cql("INSERT INTO x.t (key, c, e, o) VALUES (1, 1, {'a', 'b'}, {1})")
    assert rig.entries() >= 3
    rig.db.cql("TRUNCATE x.t")
    assert rig.entries() == 0


def test_pages_through_an_index(rig: Rig) -> None:
    rig.db.cql("TRUNCATE x.t")
    for number in range(60):
        rig.db.cql(inserted([("e", "{'a'}" if number % 2 else "{'b'}")], number % 5, number, 1, 0))
    text = "SELECT key, c FROM x.t WHERE e CONTAINS 'a'"
    whole = rig.db.cql(text).all()
    assert len(whole) == 30
    found: list[Any] = []
    page = rig.db.cql(text, page_size=7)
    while True:
        found += page.all()
        if page.paging_state is None:
            break
        page = rig.db.cql(text, page_size=7, paging_state=page.paging_state)
    assert found == whole
