"""Whatever ALTER TABLE does to a table, no row is lost and no value changes unasked."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

import fivefold
from fivefold.errors import FivefoldError

ROWS = 7
ACTIONS = (
    "add", "add_default", "drop", "rename", "to_text", "to_bigint", "key", "no_key", "unique",
    "index", "table", "view", "drop_view",
)  # fmt: skip
Value = int | str | None


class Model:
    """The rows as they should be, beside a table that is altered."""

    def __init__(self, db: fivefold.Database) -> None:
        self.db = db
        self.name = "t0"
        self.columns = ["id", "n", "s"]
        self.rows: list[list[Value]] = [[i, i * 3 % 5 or None, f"v{i}"] for i in range(ROWS)]
        self.key = "t0_pkey"
        self.made = itertools.count(1)
        db.sql("CREATE TABLE t0 (id int PRIMARY KEY, n int, s text)")
        for row in self.rows:
            db.sql("INSERT INTO t0 VALUES (%s, %s, %s)", row)
        # Rows that point here have to survive a change of the key.
        db.sql("CREATE TABLE child (id int PRIMARY KEY, ref int)")
        db.sql("INSERT INTO child VALUES (1, 1), (2, 2)")

    def run(self, action: str, which: int) -> None:
        at = which % len(self.columns)
        column, new = self.columns[at], f"c{next(self.made)}"
        table = f"ALTER TABLE {self.name} "
        text = {
            "add": f"{table} ADD {new} int",
            "add_default": f"{table} ADD COLUMN {new} int DEFAULT 7",
            "drop": f"{table} DROP {column} CASCADE",
            "rename": f"{table} RENAME {column} TO {new}",
            "to_text": f"{table} ALTER {column} TYPE text",
            "to_bigint": f"{table} ALTER {column} TYPE bigint USING length({column}::text)",
            "key": f"{table} ADD CONSTRAINT k{new} PRIMARY KEY ({column})",
            "no_key": f"{table} DROP CONSTRAINT {self.key} CASCADE",
            "unique": f"{table} ADD UNIQUE ({column}), ADD {new} int",
            "index": f"CREATE INDEX ON {self.name} ({column}, ({column} IS NULL))",
            "table": f"{table} RENAME TO t_{new}",
            "view": f"CREATE VIEW seen AS SELECT *, {column} AS again FROM {self.name}",
            "drop_view": "DROP VIEW IF EXISTS seen",
        }[action]
        try:
            self.db.sql(text)
        except FivefoldError:
            return  # refused: then nothing may have changed
        self.follow(action, at, new)

    def follow(self, action: str, at: int, new: str) -> None:
        if action in ("add", "add_default", "unique"):
            self.columns.append(new)
            for row in self.rows:
                row.append(7 if action == "add_default" else None)
        elif action == "drop":
            self.columns.pop(at)
            for row in self.rows:
                row.pop(at)
        elif action == "rename":
            self.columns[at] = new
        elif action in ("to_text", "to_bigint"):
            for row in self.rows:
                value = row[at]
                if value is not None:
                    row[at] = str(value) if action == "to_text" else len(str(value))
        elif action == "key":
            self.key = f"k{new}"
        elif action == "table":
            self.name = f"t_{new}"

    def check(self) -> None:
        result = self.db.sql(f"SELECT * FROM {self.name}")
        assert [each[0] for each in result.description or ()] == self.columns
        found = sorted(map(repr, map(list, result.fetchall())))
        assert found == sorted(map(repr, self.rows))
        assert self.db.sql("SELECT count(*) FROM child").fetchone() == (2,)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 9)), max_size=14))
def test_no_row_is_lost(actions: list[tuple[str, int]]) -> None:
    with fivefold.open(":memory:") as db:
        model = Model(db)
        for action, which in actions:
            model.run(action, which)
            model.check()
