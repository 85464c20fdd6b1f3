"""Random queries in a wider grammar than ``grammar.py``, over tables with a column of every kind.

A constant stands in a text as ``«kind value»``; ``written`` puts literals or parameters there. What
an answer may depend on without PostgreSQL promising it is avoided: LIMIT comes with an order over
all outputs, aggregates that collect have an order, and equal values are spelled alike.
"""

from __future__ import annotations

import re
from random import Random

KINDS = {
    "int": ("0", "1", "2", "3", "-1", "7"),
    "bigint": ("0", "5", "10000000000", "-3"),
    "numeric(8,2)": ("0.00", "1.50", "-2.25", "10.00"),
    "text": ("", "a", "b", "ab", "Ä", "a b"),
    "boolean": ("true", "false"),
    "date": ("2024-02-29", "2023-12-31", "2024-03-01"),
    "timestamp": ("2024-02-29 12:00:00", "2024-03-10 02:30:00", "2023-12-31 23:59:59.5"),
    "interval": ("1 day", "02:30:00", "1 mon", "-1 day"),
    "mood": ("sad", "ok", "happy"),
    "int[]": ("{}", "{1,2,3}", "{1,NULL}", "{2}"),
    "text[]": ("{a,b}", "{}", "{NULL,a}"),
    "jsonb": ('{"a": 1, "b": [1, 2]}', "[1, 2]", "null", '"x"', "{}"),
}
COLUMNS = dict(
    zip(("k", "g", "n", "s", "b", "d", "t", "v", "m", "xs", "ys", "j"), KINDS, strict=True)
)
ROWS_MAX = 7
PLAIN = [one for one in KINDS if one != "jsonb"]  # what may be sorted without saying more
OIDS = {
    "int": 23, "bigint": 20, "text": 25, "boolean": 16, "date": 1082, "timestamp": 1114,
    "interval": 1186, "int[]": 1007, "text[]": 1009, "jsonb": 3802,
}  # fmt: skip
INDEXES = (
    "CREATE INDEX ON a (k, n DESC)",
    "CREATE INDEX ON a (s) WHERE b",
    "CREATE INDEX ON b (d)",
    "CREATE INDEX ON a USING hash (s)",
    "CREATE INDEX ON b (lower(s))",
    "CREATE INDEX ON a (t)",
    "CREATE INDEX ON b (m)",
    "CREATE INDEX ON b (k)",
    "CREATE INDEX ON a (n)",
    "CREATE INDEX ON b (n)",
    "CREATE INDEX ON b USING hash (k)",
    "CREATE INDEX ON a (g)",
    "CREATE INDEX ON b (s DESC NULLS LAST)",
    "CREATE INDEX ON a ((k + 1))",
    "CREATE INDEX ON b (v)",
    "CREATE INDEX ON a (xs)",
)
FRAMES = (
    "",
    " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
    " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING EXCLUDE CURRENT ROW",
    " GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW",
    " RANGE BETWEEN 1 PRECEDING AND 2 FOLLOWING EXCLUDE TIES",
)
_CONSTANT = re.compile("«([^ »]+) ([^»]*)»")
Scope = list[tuple[str, dict[str, str]]]
"""Sources by alias, with their columns' kinds."""


def written(text: str, parameters: list[tuple[str, str]] | None = None) -> str:
    """Put literals in place of constants, or parameters, which are added to the list."""

    def write(match: re.Match[str]) -> str:
        kind, value = match[1], match[2]
        if parameters is None or kind not in OIDS:
            return value if kind == "int" and value[0] != "-" else f"'{value}'::{kind}"
        if (kind, value) not in parameters:  # DISTINCT with ORDER BY wants the same expression
            parameters.append((kind, value))
        return f"${parameters.index((kind, value)) + 1}::{kind}"

    return _CONSTANT.sub(write, text)


class Wider:
    """Makes the statements of one seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.names = 0
        self.with_changes = False

    def one_in(self, count: int) -> bool:
        return self.random.randint(1, count) == 1

    def pick(self, *options: str) -> str:
        return self.random.choice(options)

    def name(self) -> str:
        self.names += 1
        return f"q{self.names}"

    # -- the world --------------------------------------------------------------------------------

    def tables(self) -> list[str]:
        listed = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        made = ["CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')"]
        for table in ("a", "b"):
            made.append(f"CREATE TABLE {table} (id int PRIMARY KEY, {listed})")
            for number in range(self.random.randint(0, ROWS_MAX)):
                values = ", ".join(written(self.constant(kind)) for kind in COLUMNS.values())
                made.append(f"INSERT INTO {table} VALUES ({number}, {values})")
        return made

    def constant(self, kind: str) -> str:
        if self.one_in(6):
            return f"NULL::{kind}"
        return f"«{kind} {self.pick(*KINDS[kind])}»"

    # -- expressions ------------------------------------------------------------------------------

    def column(self, scope: Scope, kind: str) -> str | None:
        found = [
            f"{alias}.{name}"
            for alias, columns in scope
            for name, one in columns.items()
            if one == kind
        ]
        return self.pick(*found) if found else None

    def value(self, scope: Scope, kind: str, depth: int) -> str:
        column = self.column(scope, kind)
        if depth <= 0 or self.one_in(3):
            return column if column is not None and not self.one_in(4) else self.constant(kind)
        if self.one_in(5):
            return self.of_any(scope, kind, depth - 1)
        return self.made(scope, kind, depth - 1)

    def of_any(self, scope: Scope, kind: str, depth: int) -> str:
        one, other = self.value(scope, kind, depth), self.value(scope, kind, depth)
        condition = self.value(scope, "boolean", depth)
        column = self.pick(*[name for name, type_ in COLUMNS.items() if type_ == kind] or ["id"])
        forms = [
            f"CASE WHEN {condition} THEN {one} ELSE {other} END", f"coalesce({one}, {other})",
            f"nullif({one}, {other})", f"({one})",
        ]  # fmt: skip
        if column != "id" and kind in PLAIN:
            alias = self.name()
            inner = self.value([*scope, (alias, {"id": "int", **COLUMNS})], "boolean", depth)
            forms.append(
                f"(SELECT {alias}.{column} FROM {self.pick('a', 'b')} {alias} WHERE {inner}"
                f" ORDER BY {alias}.id LIMIT 1)"
            )
        return self.pick(*forms)

    def made(self, scope: Scope, kind: str, depth: int) -> str:
        def v(one: str) -> str:
            return self.value(scope, one, depth)

        match kind:
            case "int":
                return self.pick(
                    f"(({v('int')}) + 1)", f"(-({v('int')}))", f"length({v('text')})",
                    f"cardinality({v('int[]')})", f"({v('int[]')})[1]", f"abs({v('int')})",
                    f"extract(day FROM {v('date')})::int", f"(({v('date')}) - ({v('date')}))",
                    f"greatest({v('int')}, {v('int')})", f"(({v('jsonb')}) ->> 'a')::int",
                    f"array_position({v('int[]')}, {v('int')})", f"(({v('int')}) * 2)",
                    f"(({v('boolean')})::int)",
                )  # fmt: skip
            case "bigint":
                return self.pick(
                    f"(({v('bigint')}) + ({v('int')}))", f"({v('int')})::bigint",
                    f"least({v('bigint')}, {v('bigint')})", self.counted(scope, depth),
                )  # fmt: skip
            case "numeric(8,2)":
                return self.pick(
                    f"(({v('int')})::numeric(8,2))", f"round({v(kind)}, 1)::numeric(8,2)",
                    f"(({v(kind)}) + ({v(kind)}))::numeric(8,2)", f"abs({v(kind)})::numeric(8,2)",
                )  # fmt: skip
            case "text":
                return self.pick(
                    f"upper({v('text')})", f"(({v('text')}) || ({v('text')}))",
                    f"({v('int')})::text",
                    f"substr({v('text')}, 1, 2)", f"({v('mood')})::text",
                    f"({v('interval')})::text",
                    f"array_to_string({v('text[]')}, '-', '*')", f"(({v('jsonb')}) ->> 'b')",
                    f"({v('text[]')})[2]", f"to_char({v('timestamp')}, 'YYYY-MM-DD HH24')",
                    f"replace({v('text')}, 'a', 'x')", f"({v('date')})::text",
                )  # fmt: skip
            case "boolean":
                return self.condition(scope, depth)
            case "date":
                return self.pick(f"(({v('date')}) + 1)", f"({v('timestamp')})::date")
            case "timestamp":
                return self.pick(
                    f"(({v('timestamp')}) + ({v('interval')}))", f"date_trunc('month', {v(kind)})",
                    f"({v('date')})::timestamp", f"(({v('date')}) + ({v('interval')}))",
                )  # fmt: skip
            case "interval":
                return self.pick(
                    f"(({v(kind)}) * 2)", f"(-({v(kind)}))", f"justify_days({v(kind)})"
                )
            case "mood":
                return self.pick(
                    f"greatest({v('mood')}, {v('mood')})", f"coalesce({v('mood')}, 'ok')"
                )
            case "int[]":
                return self.pick(
                    f"array_append({v(kind)}, {v('int')})", f"ARRAY[{v('int')}, {v('int')}]",
                    f"(({v(kind)}) || ({v(kind)}))", f"({v(kind)})[1:2]",
                    f"array_remove({v(kind)}, {v('int')})",
                )  # fmt: skip
            case "text[]":
                return self.pick(f"ARRAY[{v('text')}]", f"string_to_array({v('text')}, ' ')")
        return self.pick(
            f"to_jsonb({v('int')})", f"(({v('jsonb')}) -> 'b')", f"jsonb_build_array({v('text')})",
            f"jsonb_build_object('a', {v('int')})", f"to_jsonb({v('int[]')})",
        )  # fmt: skip

    def counted(self, scope: Scope, depth: int) -> str:
        alias = self.name()
        inner = self.value([*scope, (alias, {"id": "int", **COLUMNS})], "boolean", depth)
        return f"(SELECT count(*) FROM {self.pick('a', 'b')} {alias} WHERE {inner})"

    def condition(self, scope: Scope, depth: int) -> str:
        kind = self.pick(*KINDS)
        left, right = self.value(scope, kind, depth), self.value(scope, kind, depth)
        alias = self.name()
        own = (alias, {"id": "int", **COLUMNS})
        column = next(name for name, one in COLUMNS.items() if one == kind)
        table = self.pick("a", "b")
        inner = self.value([*scope, own], "boolean", depth - 1)
        operator = self.pick("=", "<>", "<", ">=")
        query = f"SELECT {alias}.{column} FROM {table} {alias} WHERE {inner}"
        other, whole = self.value(scope, kind, depth), self.value(scope, "int", depth)
        one, two = self.value(scope, "boolean", depth), self.value(scope, "boolean", depth)
        array = self.value(scope, "int[]", depth)
        return self.pick(
            f"({left}) {operator} ({right})", f"({left}) IS DISTINCT FROM ({right})",
            f"({left}) IS NULL", f"NOT ({self.value(scope, 'boolean', depth)})",
            f"({left}) IN ({right}, {other})", f"({left}) NOT IN ({query})",
            f"({left}) {operator} ANY ({query})", f"({left}) {operator} ALL ({query})",
            f"({left}) BETWEEN ({right}) AND ({other})", f"EXISTS ({query})",
            f"(({one}) OR ({two}))", f"(({one}) AND ({two}))",
            f"({whole}) {operator} ANY ({array})", f"({whole}) {operator} ALL ({array})",
            f"({left}, {whole}) {operator} ({right}, 1)",
            f"({left}, 1) IN (SELECT {alias}.{column}, {alias}.k FROM {table} {alias})",
            f"({self.value(scope, 'text', depth)}) LIKE '%a%'",
            f"({self.value(scope, 'int[]', depth)}) @> ({self.value(scope, 'int[]', depth)})",
            f"({self.value(scope, 'jsonb', depth)}) ? 'a'", f"(({left}) = ({right})) IS NOT TRUE",
        )  # fmt: skip

    # -- sources ----------------------------------------------------------------------------------

    def source(self, scope: Scope, depth: int) -> tuple[str, tuple[str, dict[str, str]]]:
        alias = self.name()
        if depth > 0 and self.one_in(3):
            kinds = [self.pick(*KINDS) for _ in range(self.random.randint(1, 3))]
            names = {f"c{at}": kind for at, kind in enumerate(kinds)}
            if self.one_in(3):
                rows = ", ".join(
                    "(" + ", ".join(self.constant(one) for one in kinds) + ")" for _ in range(2)
                )
                text = f"(VALUES {rows})"
            else:
                lateral = bool(scope) and self.one_in(2)
                inner = self.query(kinds, depth - 1, scope if lateral else [])
                text = f"{'LATERAL ' if lateral else ''}({inner})"
            return f"{text} AS {alias} ({', '.join(names)})", (alias, names)
        return f"{self.pick('a', 'b')} AS {alias}", (alias, {"id": "int", **COLUMNS})

    def sources(self, outer: Scope, depth: int) -> tuple[str, Scope]:
        text, first = self.source([], depth)
        scope = [first]
        for _ in range(self.random.randint(0, 2) if depth > 0 else 0):
            item, made = self.source(scope, depth - 1)
            if item.startswith("LATERAL"):
                word = self.pick("CROSS JOIN", "LEFT JOIN", "JOIN")
            else:
                word = self.pick("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN")
            scope = [*scope, made]
            on = self.joined(scope, word)
            text = f"{text} {word} {item}{on}"
        return text, [*outer, *scope]

    def joined(self, scope: Scope, word: str) -> str:
        if word == "CROSS JOIN":
            return ""
        *before, last = scope
        kind = next(iter(last[1].values()))
        left, right = self.column(before, kind), self.column([last], kind)
        return (
            " ON true"
            if left is None and word != "FULL JOIN"
            else f" ON {left or 1} = {right if left else 1}"
        )

    # -- queries ----------------------------------------------------------------------------------

    def query(self, kinds: list[str], depth: int, outer: Scope) -> str:
        form = self.random.randint(1, 9)
        if form == 1 and depth > 0:
            word = self.pick(
                "UNION", "UNION ALL", "INTERSECT", "EXCEPT", "EXCEPT ALL", "INTERSECT ALL"
            )
            sides = [self.query(kinds, depth - 1, outer) for _ in range(2)]
            return f"({sides[0]}) {word} ({sides[1]}){self.ordered(kinds)}"
        if form == 2:
            return self.grouped(kinds, depth, outer)
        if form == 3:
            return self.windowed(kinds, depth, outer)
        if form == 4 and depth > 0:
            return self.common(kinds, depth, outer)
        if form == 5:
            text, scope = self.sources(outer, depth)
            values = [self.value(scope, kind, depth) for kind in kinds]
            order = ", ".join(str(at) for at in range(1, len(kinds) + 1))
            return f"SELECT DISTINCT ON (1) {named(values)} FROM {text} ORDER BY {order}"
        text, scope = self.sources(outer, depth)
        values = [self.value(scope, kind, depth) for kind in kinds]
        distinct = "DISTINCT " if self.one_in(4) else ""
        where = f" WHERE {self.condition(scope, depth)}" if self.one_in(2) else ""
        return f"SELECT {distinct}{named(values)} FROM {text}{where}{self.ordered(kinds)}"

    def ordered(self, kinds: list[str]) -> str:
        if not self.one_in(3):
            return ""
        parts = [
            f"{at}{self.pick('', ' DESC')}{self.pick('', ' NULLS FIRST', ' NULLS LAST')}"
            for at in range(1, len(kinds) + 1)
        ]
        limit = self.pick("", " LIMIT «int 2»", " LIMIT «int 1» + 1 OFFSET «int 1»",
                          " OFFSET (SELECT 1)", " FETCH FIRST 2 ROWS WITH TIES")  # fmt: skip
        return f" ORDER BY {', '.join(parts)}{limit}"

    def aggregate(self, scope: Scope, kind: str, depth: int) -> str:
        value = self.value(scope, kind, depth)
        whole = self.value(scope, "int", depth)
        distinct = self.pick("", "DISTINCT ")
        match kind:
            case "bigint":
                made = self.pick("count(*)", f"count({distinct}{whole})", f"sum({distinct}{whole})")
            case "int":
                made = self.pick(f"min({whole})", f"max({whole})")
            case "numeric(8,2)":
                made = self.pick(f"sum({value})", f"min({value})", f"avg({whole})")
            case "text":
                made = self.pick(
                    f"string_agg({distinct}{value}, ',' ORDER BY {value})", f"max({value})"
                )
            case "boolean":
                made = self.pick(f"bool_and({value})", f"bool_or({value})")
            case "int[]":
                made = f"array_agg({distinct}{whole} ORDER BY {whole})"
            case "text[]":
                text = self.value(scope, "text", depth)
                made = f"array_agg({text} ORDER BY {text} DESC NULLS LAST)"
            case "jsonb":
                made = f"jsonb_agg({whole} ORDER BY {whole})"
            case "interval":
                made = self.pick(f"max({value})", f"min({value})")
            case _:
                made = self.pick(f"max({value})", f"min({value})")
        if self.one_in(3):
            made += f" FILTER (WHERE {self.condition(scope, 0)})"
        return f"({made})::{kind}" if kind in ("numeric(8,2)", "bigint") else made

    def grouped(self, kinds: list[str], depth: int, outer: Scope) -> str:
        text, scope = self.sources(outer, depth)
        own = scope[len(outer) :]
        keys: list[str] = []
        values = []
        for kind in kinds:
            column = self.column(own, kind) if self.one_in(2) else None
            if column is None:
                values.append(self.aggregate(scope, kind, min(depth, 1)))
            else:
                keys.append(column)
                values.append(column)
        keys = [*dict.fromkeys(keys)]
        if not keys:
            group = ""
        else:
            listed = ", ".join(keys)
            sets = f"GROUPING SETS (({listed}), ({keys[0]}), ())"
            group = f" GROUP BY {self.pick(listed, f'ROLLUP ({listed})', f'CUBE ({listed})', sets)}"
        having = f" HAVING count(*) > {self.pick('0', '1')}" if self.one_in(4) else ""
        # PostgreSQL 15 fails on WITH TIES after a lone min or max (21000).
        order = self.ordered(kinds).replace("WITH TIES", "ONLY")
        return f"SELECT {named(values)} FROM {text}{group}{having}{order}"

    def windowed(self, kinds: list[str], depth: int, outer: Scope) -> str:
        alias = self.name()
        own = (alias, {"id": "int", **COLUMNS})
        scope = [*outer, own]
        values = []
        for kind in kinds:
            value = self.value(scope, kind, min(depth, 1))
            part = f"PARTITION BY {self.value([own], self.pick('boolean', 'mood', 'int'), 0)} "
            frame = self.pick(*FRAMES)
            over = f"OVER ({part if self.one_in(2) else ''}ORDER BY {alias}.id{frame})"
            function = f"{self.pick('first_value', 'last_value', 'lag', 'lead')}({value})"
            if kind == "bigint":
                function = self.pick("row_number()", "rank()", f"sum({self.column(scope, 'int')})")
            elif kind == "int":
                function = self.pick("ntile(2)", f"max({value})", function)
            values.append(f"{function} {over}")
        return f"SELECT {named(values)} FROM {self.pick('a', 'b')} {alias}{self.ordered(kinds)}"

    def common(self, kinds: list[str], depth: int, outer: Scope) -> str:
        name = self.name()
        columns = {f"c{at}": kind for at, kind in enumerate(kinds)}
        listed = ", ".join(columns)
        if self.one_in(3):
            step = self.name()
            first = f"SELECT 1, {', '.join(self.constant(one) for one in kinds)}"
            again = f"SELECT {step}.i + 1, {', '.join(f'{step}.{one}' for one in columns)}"
            inner = f"{first} UNION ALL {again} FROM {name} {step} WHERE {step}.i < 4"
            head = f"WITH RECURSIVE {name} (i, {listed}) AS ({inner})"
        else:
            how = self.pick("", "", "MATERIALIZED ", "NOT MATERIALIZED ")
            head = f"WITH {name} ({listed}) AS {how}({self.query(kinds, depth - 1, [])})"
        scope = [*outer, (name, columns)]
        values = [self.value([(name, columns)], kind, 0) for kind in kinds]
        where = f" WHERE {self.condition(scope, 1)}" if self.one_in(2) else ""
        return f"{head} SELECT {named(values)} FROM {name}{where}{self.ordered(kinds)}"

    def statement(self) -> str:
        kinds = [self.pick(*KINDS) for _ in range(self.random.randint(1, 3))]
        if self.one_in(8):
            return self.change()
        return self.query(kinds, 2, [])

    def change(self) -> str:
        table = self.pick("a", "b")
        own = [("x", {"id": "int", **COLUMNS})]
        column, kind = self.random.choice([*COLUMNS.items()])
        value = self.value(own, kind, 2)
        where = self.condition(own, 2)
        inner = self.pick(
            f"UPDATE {table} AS x SET {column} = {value} WHERE {where} RETURNING x.id, x.{column}",
            f"DELETE FROM {table} AS x WHERE {where} RETURNING x.id, x.{column}",
            f"INSERT INTO {table} AS x (id, {column}) SELECT x.id + 4, {value} FROM {table} x"
            f" WHERE {where} ON CONFLICT (id) DO UPDATE SET {column} = excluded.{column}"
            f" RETURNING x.id, x.{column}",
        )
        if self.one_in(2):
            return inner
        return f"WITH w AS ({inner}) SELECT count(*), min(w.id) FROM w WHERE w.id > 0"


def named(values: list[str]) -> str:
    return ", ".join(f"{value} AS o{at}" for at, value in enumerate(values))
