"""Materialized views hold what their table's rows say, after whatever was written.

Source: "Materialized Views" of Cassandra's CQL reference. What is expected of a view is computed
from the rows of its table.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from fivefold.api.database import Database
from fivefold.engine.clock import DrivenClock
from fivefold.engine.engine import Engine
from fivefold.stores.open import open_store

KEYSPACE = (
    "CREATE KEYSPACE w WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
)
TABLE = "CREATE TABLE w.t (a int, b int, c int, d int, m map<int, int>, PRIMARY KEY (a, b))"
BY_C = (
    "CREATE MATERIALIZED VIEW w.{name} AS SELECT a, b, c, d, m FROM w.t"
    " WHERE c IS NOT NULL AND a IS NOT NULL AND b IS NOT NULL PRIMARY KEY (c, a, b)"
)
OTHERS = (
    "CREATE MATERIALIZED VIEW w.by_b AS SELECT a, b, d FROM w.t"
    " WHERE a IS NOT NULL AND b IS NOT NULL PRIMARY KEY (b, a)"
    " WITH CLUSTERING ORDER BY (a DESC)",
    "CREATE MATERIALIZED VIEW w.some AS SELECT * FROM w.t"
    " WHERE a IN (1, 2) AND b > 1 AND d IS NOT NULL PRIMARY KEY ((d, b), a)",
)


class Rig:
    """A table with views, over a clock that is driven."""

    def __init__(self, url: str) -> None:
        self.clock = DrivenClock()
        self.db = Database(Engine(open_store(url), self.clock))
        for text in (KEYSPACE, TABLE, BY_C.format(name="by_c"), *OTHERS):
            self.db.cql(text)

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        """Return rows, the maps in them as pairs."""
        return [
            tuple([tuple(sorted(x.items())) if isinstance(x, dict) else x for x in row])
            for row in self.db.cql(text)
        ]

    def check(self) -> None:
        """See whether each view is what its table says."""
        base = self.rows("SELECT a, b, c, d, m, writetime(d), ttl(d) FROM w.t")
        by_c = "SELECT a, b, c, d, m, writetime(d), ttl(d) FROM w.by_c"
        assert sorted(self.rows(by_c), key=str) == sorted(
            [row for row in base if row[2] is not None], key=str
        )
        by_b = "SELECT b, a, d, writetime(d), ttl(d) FROM w.by_b"
        assert sorted(self.rows(by_b), key=str) == sorted(
            [(b, a, d, *times) for a, b, _, d, _, *times in base], key=str
        )
        some = "SELECT a, b, c, d, m FROM w.some"
        assert sorted(self.rows(some), key=str) == sorted(
            [row[:5] for row in base if row[0] in (1, 2) and row[1] > 1 and row[3] is not None],
            key=str,
        )
        for b in {row[1] for row in base}:
            found = [a for (a,) in self.rows(f"SELECT a FROM w.by_b WHERE b = {b}")]
            assert found == sorted([row[0] for row in base if row[1] == b], reverse=True)


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    made = Rig(str(tmp_path_factory.mktemp("views") / "store.db"))
    with made.db:
        yield made


keys = st.sampled_from((1, 1, 1, 2, 2, 3))
values = st.sampled_from(("null", "1", "2", "3"))
maps = st.sampled_from(("null", "{}", "{1: 1}", "{1: 2, 2: 2}"))
stamps = st.integers(1, 8)
ttls = st.sampled_from((0, 0, 0, 3, 3, 5))


def using(stamp: int, ttl: int) -> str:
    return f"USING TIMESTAMP {stamp}" + (f" AND TTL {ttl}" if ttl else "")


INSERTS = st.one_of(
    st.tuples(keys, keys, values, values, maps, stamps, ttls).map(
        lambda x: (
            f"INSERT INTO w.t (a, b, c, d, m) VALUES ({x[0]}, {x[1]}, {x[2]}, {x[3]}, {x[4]})"
            f" {using(x[5], x[6])}"
        )
    ),
    st.tuples(keys, keys, st.sampled_from("cd"), values, stamps, ttls).map(
        lambda x: (
            f"INSERT INTO w.t (a, b, {x[2]}) VALUES ({x[0]}, {x[1]}, {x[3]}) {using(x[4], x[5])}"
        )
    ),
)
UPDATES = st.tuples(
    st.one_of(
        values.map("c = {}".format),
        values.map("d = {}".format),
        st.tuples(values, values).map(lambda x: f"c = {x[0]}, d = {x[1]}"),
        maps.map("m = {}".format),
        st.tuples(keys, values).map(lambda x: f"m[{x[0]}] = {x[1]}"),
        keys.map("m = m - {{{}}}".format),
    ),
    keys,
    keys,
    stamps,
    ttls,
).map(lambda x: f"UPDATE w.t {using(x[3], x[4])} SET {x[0]} WHERE a = {x[1]} AND b = {x[2]}")
DELETES = st.tuples(
    st.sampled_from(("c", "d", "m", "c, d")).map(lambda what: (what, True))
    | st.sampled_from((("", True), ("", True), ("", False))),
    keys,
    st.sampled_from((" AND b >= 2", " AND b < 3", " AND b > 1 AND b <= 3", "", " AND b = 1")),
    keys,
    stamps,
).map(
    lambda x: (
        f"DELETE {x[0][0]} FROM w.t USING TIMESTAMP {x[4]} WHERE a = {x[1]}"
        + (f" AND b = {x[3]}" if x[0][1] else x[2])
    )
)
WRITES = st.one_of(INSERTS, INSERTS, UPDATES, UPDATES, DELETES)
BATCHES = st.lists(WRITES, min_size=2, max_size=3).map(
    lambda each: f"BEGIN BATCH {'; '.join(each)}; APPLY BATCH"
)
CONDITIONAL = st.tuples(keys, keys, values, values).map(
    lambda x: f"INSERT INTO w.t (a, b, c) VALUES ({x[0]}, {x[1]}, {x[2]}) IF NOT EXISTS"
) | st.tuples(keys, keys, values, values).map(
    lambda x: f"UPDATE w.t SET c = {x[2]} WHERE a = {x[0]} AND b = {x[1]} IF d = {x[3]}"
)
STEPS = st.lists(
    st.one_of(WRITES, WRITES, WRITES, BATCHES, CONDITIONAL, st.sampled_from((1, 2, 3))),
    min_size=4,
    max_size=16,
)


@settings(
    max_examples=int(os.environ.get("FIVEFOLD_VIEWS", "80")),
    derandomize="FIVEFOLD_VIEWS" not in os.environ,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    database=None,
)
@given(STEPS)
@example(  # the key's column expires first, or last, and exactly then
    [
        "INSERT INTO w.t (a, b, c) VALUES (1, 1, 1) USING TIMESTAMP 1 AND TTL 3",
        "UPDATE w.t USING TIMESTAMP 2 SET d = 2 WHERE a = 1 AND b = 1",
        "UPDATE w.t USING TIMESTAMP 2 AND TTL 5 SET m = {1: 1} WHERE a = 1 AND b = 1",
        *(2, 1, 1, 1, "UPDATE w.t USING TIMESTAMP 3 SET c = 2 WHERE a = 1 AND b = 1"),
    ]
)
@example(  # columns that a view has not keep its rows, for as long as they last
    [
        "UPDATE w.t USING TIMESTAMP 1 AND TTL 3 SET c = 1 WHERE a = 1 AND b = 1",
        "UPDATE w.t USING TIMESTAMP 1 AND TTL 5 SET m[1] = 1 WHERE a = 1 AND b = 1",
        *(2, 1, 1, 1, "UPDATE w.t USING TIMESTAMP 3 SET m[2] = 2 WHERE a = 1 AND b = 1"),
    ]
)
@example(
    [
        "INSERT INTO w.t (a, b, c) VALUES (1, 1, 1) USING TIMESTAMP 1 AND TTL 5",
        "UPDATE w.t USING TIMESTAMP 2 AND TTL 3 SET c = 1 WHERE a = 1 AND b = 1",
        *(3, 2),
    ]
)
@example(  # a collection that was written as null is nothing that lasts
    [
        "INSERT INTO w.t (a, b, m) VALUES (1, 1, null) USING TIMESTAMP 1",
        "INSERT INTO w.t (a, b) VALUES (1, 1) USING TIMESTAMP 1 AND TTL 3",
        3,
    ]
)
def test_a_view_is_what_its_table_says(rig: Rig, steps: list[str | int]) -> None:
    rig.db.cql("TRUNCATE w.t")
    rig.check()
    for step in steps:
        if isinstance(step, int):
            rig.clock.advance(step * 1000)
        else:
            rig.db.cql(step)
        rig.check()
    rig.db.cql(BY_C.format(name="late"))
    filled = rig.rows("SELECT a, b, c, d, m, writetime(d), ttl(d) FROM w.late")
    kept = rig.rows("SELECT a, b, c, d, m, writetime(d), ttl(d) FROM w.by_c")
    rig.db.cql("DROP MATERIALIZED VIEW w.late")
    assert filled == kept
