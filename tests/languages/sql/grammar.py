"""Random schemas, rows and queries of PostgreSQL's SQL.

What is drawn has one answer: whatever is ordered is ordered by all of its outputs, floats are sums
of quarters, and divisors are constants other than 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

INT, BIG, NUM, TEXT, BOOL, DATE, FLOAT, MOMENT = (
    "integer", "bigint", "numeric(8,2)", "text", "boolean", "date", "double precision", "timestamp",
)  # fmt: skip
TYPES = (INT, BIG, NUM, TEXT, BOOL, DATE, FLOAT, MOMENT)
LITERALS: dict[str, tuple[str, ...]] = {
    INT: ("0", "1", "2", "-3", "7"),
    BIG: ("0::bigint", "1::bigint", "-5000000000", "5000000000"),
    NUM: ("0.00::numeric(8,2)", "1.50::numeric(8,2)", "-2.25::numeric(8,2)", "1.50::numeric(8,2)"),
    TEXT: ("''", "'a'", "'b'", "'ab'", "'A_b%'", "'ç'"),
    BOOL: ("true", "false"),
    DATE: ("date '2024-02-29'", "date '1999-12-31'", "date '2024-03-01'"),
    FLOAT: ("0::float8", "0.25::float8", "-1.5::float8"),
    MOMENT: ("timestamp '2024-02-29 12:00:00'", "timestamp '1999-12-31 23:59:59.5'"),
}
ROWS_MAX = 6


@dataclass(slots=True)
class Source:
    """What a FROM item shows: its alias and its columns by type."""

    alias: str
    columns: list[tuple[str, str]]


@dataclass(slots=True)
class World:
    """The tables of one example: DDL, inserts, and what is in them."""

    statements: list[str] = field(default_factory=list)
    tables: list[Source] = field(default_factory=list)


class Maker:
    """Makes one world and its queries. ``depth`` bounds how far expressions and queries nest."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.aliases = 0
        self.tables: list[Source] = []

    def pick(self, options: Sequence[str]) -> str:
        return self.random.choice(options)

    def one_in(self, count: int) -> bool:
        return self.random.randint(1, count) == count

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    # -- the world --------------------------------------------------------------------------------

    def world(self) -> World:
        made = World()
        for name in ("t1", "t2", "t3")[: self.number(2, 3)]:
            columns = [("id", INT), ("k", INT)]
            columns += [(f"c{at}", self.pick(TYPES)) for at in range(self.number(1, 4))]
            listed = ", ".join(
                f"{column} {type_}" + (" PRIMARY KEY" if column == "id" else "")
                for column, type_ in columns
            )
            made.statements.append(f"CREATE TABLE {name} ({listed})")
            if self.one_in(3):
                column = columns[self.number(1, len(columns) - 1)][0]
                made.statements.append(f"CREATE INDEX ON {name} ({column})")
            for number in range(self.number(0, ROWS_MAX)):
                values = ", ".join(
                    [str(number), *map(self.value, [each[1] for each in columns[1:]])]
                )
                made.statements.append(f"INSERT INTO {name} VALUES ({values})")
            made.tables.append(Source(name, columns))
        return made

    def value(self, type_: str) -> str:
        return "NULL" if self.one_in(4) else self.pick(LITERALS[type_])

    # -- expressions ------------------------------------------------------------------------------

    def column(self, scope: list[Source], type_: str) -> str | None:
        found = [
            f"{source.alias}.{name}"
            for source in scope
            for name, of in source.columns
            if of == type_
        ]
        return self.pick(found) if found else None

    def expression(self, scope: list[Source], type_: str, depth: int) -> str:
        column = self.column(scope, type_)
        if depth <= 0 or self.one_in(3):
            if column is not None and not self.one_in(5):
                return column
            return self.pick(LITERALS[type_]) if not self.one_in(8) else f"NULL::{type_}"
        return self.pick_of(self.forms(type_))(scope, depth - 1)

    def pick_of(self, forms: list[Callable[[list[Source], int], str]]) -> Callable[..., str]:
        return forms[self.number(0, len(forms) - 1)]

    def forms(self, type_: str) -> list[Callable[[list[Source], int], str]]:
        def sub(of: str) -> Callable[[list[Source], int], str]:
            return lambda scope, depth: self.expression(scope, of, depth)

        def form(text: str, *types: str) -> Callable[[list[Source], int], str]:
            return lambda scope, depth: text.format(*[sub(each)(scope, depth) for each in types])

        common = [
            form("COALESCE({}, {})", type_, type_),
            form("NULLIF({}, {})", type_, type_),
            form("CASE WHEN {} THEN {} ELSE {} END", BOOL, type_, type_),
            form("CASE WHEN {} THEN {} END", BOOL, type_),
            form("GREATEST({}, {})", type_, type_),
            form("LEAST({}, {})", type_, type_),
            lambda scope, depth: self.scalar_query(scope, type_, depth),
        ]
        own: dict[str, list[Callable[[list[Source], int], str]]] = {
            INT: [
                form("({} + {})", INT, INT), form("({} - {})", INT, INT), form("(- {})", INT),
                form("abs({})", INT), form("length({})", TEXT), form("({})::int", BOOL),
                form("({} / 2)", INT), form("({} % 3)", INT), form("({} - {})", DATE, DATE),
                form("extract(year FROM {})::int", DATE),
            ],
            BIG: [form("({} + {})", BIG, INT), form("({})::bigint", INT)],
            NUM: [
                form("({} + {})::numeric(8,2)", NUM, NUM), form("({} * 2)::numeric(8,2)", NUM),
                form("round({}, 1)::numeric(8,2)", NUM), form("({})::numeric(8,2)", INT),
            ],
            TEXT: [
                form("({} || {})", TEXT, TEXT), form("upper({})", TEXT), form("({})::text", INT),
                form("substr({}, 1, 1)", TEXT), form("({})::text", NUM), form("({})::text", BOOL),
                form("replace({}, 'a', {})", TEXT, TEXT), form("to_char({}, 'YYYY-MM')", DATE),
                form("concat({}, {}, {})", TEXT, INT, DATE),
            ],
            BOOL: self.conditions(form),
            DATE: [form("({} + {})", DATE, INT), form("({})::date", MOMENT)],
            FLOAT: [
                form("({} + {})", FLOAT, FLOAT), form("({} / 2)", FLOAT),
                form("({})::float8", INT),
            ],
            MOMENT: [
                form("({})::timestamp", DATE), form("date_trunc('month', {})", MOMENT),
                form("({} + interval '1 day 2 hours')", MOMENT),
            ],
        }  # fmt: skip
        return [*own[type_], *own[type_], *common]

    def conditions(
        self, form: Callable[..., Callable[[list[Source], int], str]]
    ) -> list[Callable[[list[Source], int], str]]:
        type_ = self.pick(TYPES)
        compare = self.pick(("=", "<>", "<", "<=", ">", ">="))
        distinct = self.pick(("IS DISTINCT FROM", "IS NOT DISTINCT FROM"))
        null = self.pick(("IS NULL", "IS NOT NULL"))
        return [
            form(f"({{}} {compare} {{}})", type_, type_),
            form(f"({{}} {compare} {{}})", type_, type_),
            form(f"({{}} {distinct} {{}})", type_, type_),
            form(f"({{}} {null})", type_),
            form("({} AND {})", BOOL, BOOL),
            form("({} OR {})", BOOL, BOOL),
            form("(NOT {})", BOOL),
            form("({} BETWEEN {} AND {})", type_, type_, type_),
            form("({} IN ({}, {}))", type_, type_, type_),
            form("({} NOT IN ({}, {}))", type_, type_, type_),
            form("({} LIKE 'a%')", TEXT),
            form("({} = ANY (ARRAY[{}, {}]))", type_, type_, type_),
            form("({} IS NOT TRUE)", BOOL),
            form("(({}, {}) = ({}, {}))", type_, INT, type_, INT),
            form("(({}, {}) < ({}, {}))", INT, TEXT, INT, TEXT),
            lambda scope, depth: self.membership(scope, type_, depth),
            lambda scope, depth: self.existence(scope, depth),
        ]

    # -- queries inside expressions ---------------------------------------------------------------

    def inner(self) -> tuple[str, Source]:
        """Return a FROM item over one table under a new alias."""
        table = self.tables[self.number(0, len(self.tables) - 1)]
        self.aliases += 1
        alias = f"s{self.aliases}"
        return f"{table.alias} {alias}", Source(alias, table.columns)

    def scalar_query(self, scope: list[Source], type_: str, depth: int) -> str:
        item, source = self.inner()
        value = self.expression([source], type_, depth - 1)
        where = self.expression([*scope, source], BOOL, depth - 1)
        order = f"COALESCE({value}) DESC NULLS LAST"  # a constant alone may not stand there
        return f"(SELECT {value} FROM {item} WHERE {where} ORDER BY {order} LIMIT 1)"

    def membership(self, scope: list[Source], type_: str, depth: int) -> str:
        item, source = self.inner()
        word = self.pick(("IN", "NOT IN", "= ANY", "<> ALL"))
        value = self.expression(scope, type_, depth - 1)
        column = self.expression([source], type_, 0)
        return f"({value} {word} (SELECT {column} FROM {item}))"

    def existence(self, scope: list[Source], depth: int) -> str:
        item, source = self.inner()
        where = self.expression([*scope, source], BOOL, depth)
        return f"({self.pick(('EXISTS', 'NOT EXISTS'))} (SELECT 1 FROM {item} WHERE {where}))"

    # -- queries ----------------------------------------------------------------------------------

    def sources(self, depth: int) -> tuple[str, list[Source]]:
        text, scope = self.item(depth)
        for _ in range(self.number(0, 2)):
            kind = self.pick(
                ("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN", "LATERAL")
            )
            if kind == "LATERAL":
                more = self.lateral(scope)
                text, scope = f"{text} {more[0]}", [*scope, more[1]]
                continue
            other, others = self.item(depth)
            text = f"{text} {kind} {other}"
            scope = [*scope, *others]
            if kind == "FULL JOIN":  # PostgreSQL joins so only by what can be merged or hashed
                text += f" ON {scope[0].alias}.k = {others[0].alias}.k"
            elif kind != "CROSS JOIN":
                text += f" ON {self.expression(scope, BOOL, 1)}"
        return text, scope

    def item(self, depth: int) -> tuple[str, list[Source]]:
        if depth <= 0 or self.one_in(2):
            text, source = self.inner()
            return text, [source]
        query, types = self.query(depth - 1)
        self.aliases += 1
        alias = f"d{self.aliases}"
        columns = [(f"o{at}", type_) for at, type_ in enumerate(types)]
        if not any(type_ == INT for _, type_ in columns):
            query, columns = f"SELECT *, 1 AS k FROM ({query}) q", [*columns, ("k", INT)]
        else:
            at = next(name for name, type_ in columns if type_ == INT)
            query, columns = f"SELECT *, {at} AS k FROM ({query}) q", [*columns, ("k", INT)]
        return f"({query}) {alias}", [Source(alias, columns)]

    def lateral(self, scope: list[Source]) -> tuple[str, Source]:
        item, source = self.inner()
        self.aliases += 1
        alias = f"l{self.aliases}"
        where = self.expression([*scope, source], BOOL, 1)
        kind = self.pick(("CROSS JOIN LATERAL", "LEFT JOIN LATERAL"))
        query = (
            f"SELECT {source.alias}.* FROM {item} WHERE {where} ORDER BY {source.alias}.id LIMIT 2"
        )
        on = " ON true" if kind.startswith("LEFT") else ""
        return f"{kind} ({query}) {alias}{on}", Source(alias, source.columns)

    def query(self, depth: int) -> tuple[str, list[str]]:
        """Return a query and its outputs' types; the outputs are called o0, o1, …."""
        kind = self.number(1, 8)
        if depth > 0 and kind == 1:
            return self.set_operation(depth)
        if kind <= 3:
            return self.grouped(depth)
        if kind == 4:
            return self.windowed(depth)
        if depth > 0 and kind == 5:
            return self.with_query(depth)
        return self.plain(depth)

    def plain(self, depth: int, types: list[str] | None = None) -> tuple[str, list[str]]:
        text, scope = self.sources(depth)
        types = types or [self.pick(TYPES) for _ in range(self.number(1, 3))]
        outputs = [self.expression(scope, type_, 2) for type_ in types]
        where = f" WHERE {self.expression(scope, BOOL, 2)}" if self.one_in(2) else ""
        distinct = "DISTINCT " if self.one_in(4) else ""
        made = f"SELECT {distinct}{named(outputs)} FROM {text}{where}"
        return made + self.ordered(len(types)), types

    def ordered(self, count: int) -> str:
        if not self.one_in(3):
            return ""
        parts = [
            f"{at + 1}{self.pick(('', ' DESC'))}{self.pick(('', ' NULLS FIRST', ' NULLS LAST'))}"
            for at in range(count)
        ]
        limit = f" LIMIT {self.number(0, 4)}" if self.one_in(2) else ""
        offset = f" OFFSET {self.number(0, 2)}" if self.one_in(3) else ""
        return f" ORDER BY {', '.join(parts)}{limit}{offset}"

    def aggregate(self, scope: list[Source]) -> tuple[str, str]:
        type_ = self.pick((INT, NUM, TEXT, DATE, FLOAT, MOMENT, BIG))
        value = self.expression(scope, type_, 1)
        made, of = self.pick_aggregate(scope, value, type_)
        if self.one_in(4):
            made += f" FILTER (WHERE {self.expression(scope, BOOL, 1)})"
        return {NUM: f"({made})::numeric(8,2)"}.get(of, made), of

    def pick_aggregate(self, scope: list[Source], value: str, type_: str) -> tuple[str, str]:
        distinct = "DISTINCT " if self.one_in(3) else ""
        options = [("count(*)", BIG), (f"count({distinct}{value})", BIG)]
        options += [(f"min({value})", type_), (f"max({value})", type_)]
        if type_ in (INT, NUM, FLOAT):
            summed = {INT: BIG, NUM: NUM, FLOAT: FLOAT}[type_]
            options.append((f"sum({distinct}{value})", summed))
        if type_ == INT:
            options.append((f"avg({value})", NUM))
        if type_ == TEXT:
            options.append((f"string_agg({value}, ',' ORDER BY {value})", TEXT))
        options.append((f"bool_or({self.expression(scope, BOOL, 1)})", BOOL))
        return options[self.number(0, len(options) - 1)]

    def grouped(self, depth: int) -> tuple[str, list[str]]:
        text, scope = self.sources(depth)
        keys: list[tuple[str, str]] = []
        for _ in range(self.number(0, 2)):
            type_ = self.pick(TYPES)
            column = self.column(scope, type_)
            if column is not None:
                keys.append((column, type_))
        counted = [self.aggregate(scope) for _ in range(self.number(1, 2))]
        group = ""
        if keys:
            listed = ", ".join(dict(keys))
            group = (
                f" GROUP BY {self.pick(('{}', '{}', 'ROLLUP ({})', 'CUBE ({})')).format(listed)}"
            )
        having = f" HAVING count(*) > {self.number(0, 2)}" if self.one_in(3) else ""
        outputs = [*(key for key, _ in keys), *(value for value, _ in counted)]
        types = [*(type_ for _, type_ in keys), *(type_ for _, type_ in counted)]
        made = f"SELECT {named(outputs)} FROM {text}{group}{having}"
        return made + self.ordered(len(types)), types

    def windowed(self, depth: int) -> tuple[str, list[str]]:
        item, source = self.inner()
        scope = [source]
        parts = (
            f"PARTITION BY {self.expression(scope, self.pick(TYPES), 1)} " if self.one_in(2) else ""
        )
        order = f"ORDER BY {source.alias}.k NULLS FIRST, {source.alias}.id"
        frame = self.pick(
            ("", " ROWS BETWEEN 1 PRECEDING AND CURRENT ROW", " ROWS UNBOUNDED PRECEDING",
             " GROUPS BETWEEN CURRENT ROW AND 1 FOLLOWING")
        )  # fmt: skip
        value = self.expression(scope, INT, 1)
        function, type_ = [
            ("row_number()", BIG), ("rank()", BIG), (f"sum({value})", BIG), (f"lag({value})", INT),
            (f"first_value({value})", INT), (f"count({value})", BIG), ("ntile(2)", INT),
        ][self.number(0, 6)]  # fmt: skip
        if function.startswith(("row", "rank", "lag", "ntile")):
            frame = ""
        window = f"{function} OVER ({parts}{order}{frame})"
        made = f"SELECT {named([f'{source.alias}.id', window])} FROM {item}"
        return made + self.ordered(2), [INT, type_]

    def set_operation(self, depth: int) -> tuple[str, list[str]]:
        left, types = self.plain(depth - 1)
        right, _ = self.plain(depth - 1, types)
        word = self.pick(
            ("UNION", "UNION ALL", "INTERSECT", "EXCEPT", "EXCEPT ALL", "INTERSECT ALL")
        )
        return f"({left}) {word} ({right}){self.ordered(len(types))}", types

    def with_query(self, depth: int) -> tuple[str, list[str]]:
        first, types = self.query(depth - 1)
        self.aliases += 1
        name = f"w{self.aliases}"
        source = Source(name, [(f"o{at}", type_) for at, type_ in enumerate(types)])
        where = self.expression([source], BOOL, 1)
        outputs = [f"{name}.o{at}" for at in range(len(types))]
        return f"WITH {name} AS ({first}) SELECT {named(outputs)} FROM {name} WHERE {where}", types


def named(outputs: list[str]) -> str:
    return ", ".join(f"{text} AS o{at}" for at, text in enumerate(outputs))


def example(seed: int, queries: int) -> tuple[list[str], list[str]]:
    """Return the statements that make the world of this seed, and queries over it."""
    maker = Maker(Random(seed))
    world = maker.world()
    maker.tables = world.tables
    return world.statements, [maker.query(2)[0] for _ in range(queries)]
