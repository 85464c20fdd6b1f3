"""Random tables with constraints of every kind, and statements that change them."""

from __future__ import annotations

from random import Random

ACTIONS = ("NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT")
DEFERRAL = ("", "", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED")
# Type, literals. Few values, so that keys collide.
KINDS: dict[str, tuple[str, ...]] = {
    "int": ("0", "1", "2", "3", "-1"),
    "text": ("''", "'a'", "'b'", "'ab'", "'ç'"),
    "numeric(4,1)": ("0", "1.5", "1.50", "2.25", "999.96"),
    "varchar(2)": ("'a'", "'b '", "'abc'", "'ab  '"),
    "smallint": ("1", "2", "32768"),
    "date": ("'2024-02-29'", "'2024-03-01'", "'2024-02-30'"),
    "boolean": ("true", "false", "'yes'"),
}
GENERATED = "generated"
STATEMENTS_MAX = 16


class Changes:
    """Makes one world of two or three tables that refer to each other, and changes of them."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.columns: dict[str, dict[str, str]] = {}
        self.keys: dict[str, list[str]] = {}

    def one_in(self, count: int) -> bool:
        return self.random.randint(1, count) == 1

    def pick(self, options: list[str] | tuple[str, ...]) -> str:
        return self.random.choice(options)

    # -- tables -----------------------------------------------------------------------------------

    def tables(self) -> list[str]:
        made = []
        for name in ("a", "b", "c"):
            columns = {"id": "int", "k": "int", "r": "int"}
            columns["v0"] = self.pick(tuple(KINDS))
            if self.one_in(2):
                columns["v1"] = GENERATED if self.one_in(3) else self.pick(tuple(KINDS))
            parts = [self.column(name, column, kind) for column, kind in columns.items()]
            self.keys[name] = ["(id)"]
            if self.one_in(2):
                parts.append(f"CONSTRAINT {name}_k UNIQUE (k)")
                self.keys[name].append("(k)")
            if self.one_in(3):
                parts.append("UNIQUE NULLS NOT DISTINCT (k, v0)")
                self.keys[name].append("(k, v0)")
            if self.one_in(2):
                parts.append(f"CONSTRAINT {name}_check CHECK (k {self.pick(('<', '<>', '>='))} 2)")
            self.columns[name] = columns
            made.append(f"CREATE TABLE {name} ({', '.join(parts)})")
            if self.one_in(3):
                made.append(f"CREATE UNIQUE INDEX {name}_v ON {name} (v0) WHERE k > 0")
            if self.one_in(4):
                made.append(f"CREATE INDEX ON {name} (abs(k), v0 DESC)")
        made += [self.reference(name) for name in self.columns if self.one_in(2)]
        return made

    def column(self, table: str, column: str, kind: str) -> str:
        text = f"{column} {kind}"
        if column == "id":
            return text + " PRIMARY KEY"
        if kind == GENERATED:
            return f"{column} int GENERATED ALWAYS AS (k * 2) STORED"
        if self.one_in(4):
            text += f" DEFAULT {KINDS[kind][0]}"
        if self.one_in(10):
            text += " NOT NULL"
        return text

    def reference(self, name: str) -> str:
        other = self.pick(tuple(self.columns))
        # SQLite takes any key where DO UPDATE meets a key of its own table with SET NULL.
        moves = ACTIONS if other != name else ACTIONS[:3]
        plain = [key for key in self.keys[other] if "," not in key]
        return (
            f"ALTER TABLE {name} ADD CONSTRAINT {name}_r FOREIGN KEY (r) REFERENCES {other}"
            f" {self.pick(plain)} ON DELETE {self.pick(ACTIONS)} ON UPDATE {self.pick(moves)}"
            f"{self.pick(DEFERRAL)}"
        )

    # -- changes ----------------------------------------------------------------------------------

    def value(self, kind: str) -> str:
        if self.one_in(8):
            return "NULL"
        return "DEFAULT" if kind == GENERATED or self.one_in(12) else self.wild(kind)

    def wild(self, kind: str) -> str:
        """Return a value, now and then one that the type refuses."""
        return self.pick(KINDS[kind]) if self.one_in(8) else self.plain(kind)

    def row(self, columns: dict[str, str], listed: list[str]) -> str:
        values = [
            str(self.random.randint(0, 8)) if one == "id" else self.value(columns[one])
            for one in listed
        ]
        return "(" + ", ".join(values) + ")"

    def plain(self, kind: str) -> str:
        return self.pick(KINDS["int" if kind == GENERATED else kind][:2])

    def condition(self, table: str, alias: str) -> str:
        column, kind = self.random.choice(list(self.columns[table].items()))
        form = self.pick(
            ("{0}.{1} = {2}", "{0}.{1} < {2}", "{0}.{1} IS NULL", "{0}.id > 0", "{0}.k IN (1, 2)",
             "{0}.{1} IS DISTINCT FROM {2}", "EXISTS (SELECT 1 FROM {3} x WHERE x.k = {0}.k)")
        )  # fmt: skip
        return form.format(alias, column, self.plain(kind), self.pick(tuple(self.columns)))

    def returning(self, alias: str) -> str:
        return self.pick(
            ("", f" RETURNING {alias}.*", f" RETURNING {alias}.id, {alias}.k + 1 AS n")
        )

    def insert(self) -> str:
        name = self.pick(tuple(self.columns))
        columns = self.columns[name]
        listed = [
            one
            for one, kind in columns.items()
            if one == "id" or (kind != GENERATED and not self.one_in(4))
        ]
        conflict = self.conflict(self.pick(self.keys[name])) if self.one_in(2) else ""
        if self.one_in(6):
            other = self.pick(tuple(self.columns))
            text = f"SELECT id + 1, k, r FROM {other} WHERE {self.condition(other, other)}"
            made = f"INSERT INTO {name} AS t (id, k, r) {text}"
        else:
            rows = [self.row(columns, listed) for _ in range(self.random.randint(1, 3))]
            made = f"INSERT INTO {name} AS t ({', '.join(listed)}) VALUES {', '.join(rows)}"
        return made + conflict + self.returning("t")

    def conflict(self, key: str) -> str:
        return self.pick(
            (" ON CONFLICT DO NOTHING", f" ON CONFLICT {key} DO NOTHING",
             f" ON CONFLICT {key} DO UPDATE SET k = excluded.k, r = t.r",
             f" ON CONFLICT {key} DO UPDATE SET k = t.k + 1 WHERE t.k IS DISTINCT FROM 1",
             f" ON CONFLICT {key} DO UPDATE SET (k, r) = (SELECT t.k, excluded.r)")
        )  # fmt: skip

    def assignments(self, table: str) -> str:
        columns = self.columns[table]
        forms = [f"k = k + {self.pick(('1', '-1'))}", "r = k", "id = id + 1", "(k, r) = (r, k)",
                 f"(k, r) = (SELECT max(x.k), min(x.id) FROM {self.pick(tuple(self.columns))} x)",
                 f"v0 = {self.value(columns['v0'])}", f"r = {self.value('int')}"]  # fmt: skip
        return self.pick(forms)

    def update(self) -> str:
        name, other = self.pick(tuple(self.columns)), self.pick(tuple(self.columns))
        if self.one_in(4):
            return (
                f"UPDATE {name} AS t SET r = o.id FROM {other} o"
                f" WHERE o.id = t.k AND {self.condition(name, 't')}{self.returning('t')}"
            )
        where = f" WHERE {self.condition(name, 't')}" if not self.one_in(4) else ""
        return f"UPDATE {name} AS t SET {self.assignments(name)}{where}{self.returning('t')}"

    def delete(self) -> str:
        name, other = self.pick(tuple(self.columns)), self.pick(tuple(self.columns))
        if self.one_in(4):
            using = f" USING {other} o WHERE o.k = t.k AND {self.condition(name, 't')}"
        else:
            using = f" WHERE {self.condition(name, 't')}"
        return f"DELETE FROM {name} AS t{using}{self.returning('t')}"

    def other(self) -> str:
        forms = ["SAVEPOINT s", "ROLLBACK TO s", "RELEASE s", "BEGIN", "COMMIT", "ROLLBACK",
                 "SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED"]  # fmt: skip
        if self.one_in(10):
            forms = [f"TRUNCATE {self.pick(tuple(self.columns))}{self.pick((' CASCADE', ''))}"]
        return self.pick(forms)

    def statement(self) -> str:
        kind = self.random.randint(1, 10)
        if kind <= 5:
            return self.insert()
        if kind <= 7:
            return self.update()
        return self.delete() if kind == 8 else self.other()


def changes(seed: int) -> tuple[list[str], list[str], list[str]]:
    """Return the statements that make this seed's tables, changes of them, and the tables."""
    made = Changes(Random(seed))
    tables = made.tables()
    listed = [made.statement() for _ in range(made.random.randint(4, STATEMENTS_MAX))]
    return tables, listed, list(made.columns)
