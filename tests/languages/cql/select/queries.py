"""Random SELECTs, and what they answer by plain reading of all rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from itertools import groupby, islice
from operator import eq, ge, gt, le, lt
from random import Random
from typing import Any

from .shapes import Column, Partition, Row, Table, Value, literal

Answer = list[tuple[Value, ...]]
Test = Callable[[Row, Partition], bool]

COMPARE: dict[str, Callable[[Any, Any], bool]] = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}
SLICES = ("<", "<=", ">", ">=")


@dataclass(frozen=True)
class Relation:
    """A relation of WHERE: its text, of which kinds of columns it is, and what it says of a row.

    ``said``: the column whose values it says, by = or IN.
    """

    text: str
    kinds: frozenset[str]
    test: Test
    said: str | None = None


@dataclass(frozen=True)
class Selector:
    """A selector: its text, and what it is of the rows of a group; alone, of one row."""

    text: str
    value: Callable[[Sequence[Row]], Value]
    aggregates: bool = False


@dataclass(frozen=True)
class Query:
    """A SELECT."""

    table: Table
    selectors: tuple[Selector, ...]
    where: tuple[Relation, ...] = ()
    order: tuple[Column, ...] = ()
    backwards: bool = False
    group: tuple[Column, ...] = ()
    limit: int | None = None
    per_partition: int | None = None
    distinct: bool = False
    filtering: bool = False

    @property
    def text(self) -> str:
        """Return it as CQL."""
        parts = ["SELECT DISTINCT" if self.distinct else "SELECT"]
        parts.append(", ".join(selector.text for selector in self.selectors))
        parts.append(f"FROM {self.table.name}")
        if self.where:
            parts.append("WHERE " + " AND ".join(relation.text for relation in self.where))
        if self.group:
            parts.append("GROUP BY " + ", ".join(column.name for column in self.group))
        if self.order:
            words = [
                f"{column.name} {'DESC' if column.descending != self.backwards else 'ASC'}"
                for column in self.order
            ]
            parts.append("ORDER BY " + ", ".join(words))
        if self.per_partition is not None:
            parts.append(f"PER PARTITION LIMIT {self.per_partition}")
        if self.limit is not None:
            parts.append(f"LIMIT {self.limit}")
        if self.filtering:
            parts.append("ALLOW FILTERING")
        return " ".join(parts)

    def answer(self) -> Answer:
        """Return the rows that it is answered with."""
        partitions = [self._rows(partition) for partition in self._partitions()]
        if self.distinct:
            partitions = [rows[:1] for rows in partitions]
        aggregates = bool(self.group) or any(each.aggregates for each in self.selectors)
        groups: list[Sequence[Row]]
        if aggregates and not self.group:
            groups = [[row for rows in partitions for row in rows]]
        elif aggregates:
            names = [column.name for column in self.group]
            groups = []
            for rows in partitions:
                found = [
                    list(group)
                    for _, group in groupby(rows, lambda row: [row[name] for name in names])
                ]
                groups += islice(found, self.per_partition)
        else:
            groups = [[row] for rows in partitions for row in islice(rows, self.per_partition)]
        if self.order and any(" IN " in relation.text for relation in self.where):
            groups.sort(key=cmp_to_key(lambda one, other: self._compare(one[:1], other[:1])))
        result = [tuple(each.value(group) for each in self.selectors) for group in groups]
        return result[: self.limit]

    def _partitions(self) -> Sequence[Partition]:
        """Return the partitions: in the order of their keys if these are said, else of tokens."""
        said = {relation.said for relation in self.where}
        found = self.table.partitions
        if said >= {column.name for column in self.table.of("partition")}:
            return sorted(found, key=lambda partition: partition.key)
        return found

    def _rows(self, partition: Partition) -> list[Row]:
        """Return the rows of a partition that it reads, in order."""
        table = self.table
        key = dict(zip([c.name for c in table.of("partition")], partition.key, strict=True))
        clustering = table.of("clustering")
        nulls: dict[str, Value] = {column.name: None for column in table.columns}
        rows: list[Row] = [
            {
                **nulls,
                **key,
                **partition.static,
                **dict(zip([column.name for column in clustering], place, strict=True)),
                **row,
            }
            for place, row in partition.rows.items()
        ]
        rows.sort(key=cmp_to_key(lambda one, other: _compared(clustering, one, other)))
        if self.backwards:
            rows.reverse()
        rows = [row for row in rows if self._takes(row, partition)]
        kinds = {kind for relation in self.where for kind in relation.kinds}
        if not rows and partition.static and not kinds & {"clustering", "regular"}:
            alone = {**nulls, **key, **partition.static}
            rows = [alone] if self._takes(alone, partition) else []
        return rows

    def _takes(self, row: Row, partition: Partition) -> bool:
        return all(relation.test(row, partition) for relation in self.where)

    def _compare(self, one: Sequence[Row], other: Sequence[Row]) -> int:
        found = _compared(self.order, one[0], other[0]) if one and other else 0
        return -found if self.backwards else found


def _compared(columns: Sequence[Column], one: Row, other: Row) -> int:
    for column in columns:
        first, second = one[column.name], other[column.name]
        if first != second:
            if first is None or second is None:
                return -1 if first is None else 1
            less = first < second
            return -1 if less != column.descending else 1
    return 0


def random_query(table: Table, random: Random) -> Query:
    """Return a SELECT; most of them are not refused."""
    partition, clustering = table.of("partition"), table.of("clustering")
    kind = random.choice(("keys", "keys", "keys", "range", "range", "wild"))
    where: list[Relation] = []
    if kind == "keys":
        where += [_equal(column, random, table) for column in partition]
    elif random.random() < 0.5:
        where += _token(table, random)
    if kind == "wild":
        where += [
            _any(column, random)
            for column in random.sample(
                table.columns, random.randint(1, min(3, len(table.columns)))
            )
        ]
    elif random.random() < 0.7 and (kind == "keys" or random.random() < 0.4):
        where += _slice(clustering, random)
    if random.random() < 0.3:
        where.append(_any(random.choice(table.columns), random))
    random.shuffle(where)
    group, distinct, selectors = _selected(table, random)
    order: tuple[Column, ...] = ()
    backwards = False
    if clustering and random.random() < (0.4 if kind == "keys" else 0.03):
        order = tuple(clustering[: random.randint(1, len(clustering))])
        backwards = random.random() < 0.7
    aggregates = any(each.aggregates for each in selectors)
    return Query(
        table,
        selectors,
        tuple(where),
        order,
        backwards,
        group,
        random.choice((None, None, 1, 2, 3, 7)),
        None if distinct or (aggregates and not group) else random.choice((None, None, 1, 2, 3)),
        distinct,
        random.random() < (0.8 if kind != "keys" else 0.5),
    )


def _selected(
    table: Table, random: Random
) -> tuple[tuple[Column, ...], bool, tuple[Selector, ...]]:
    """Return the columns of GROUP BY, whether there is DISTINCT, and the selectors."""
    partition, clustering = table.of("partition"), table.of("clustering")
    kind = random.choice(("plain", "plain", "star", "aggregate", "group", "group", "distinct"))
    if kind == "star":
        return (), False, (Selector("*", lambda rows: None),)
    if kind == "distinct":
        columns = [*partition, *(c for c in table.of("static") if random.random() < 0.5)]
        return (), True, tuple(map(_plain, columns))
    if kind == "plain":
        some = random.sample(table.columns, random.randint(1, min(4, len(table.columns))))
        return (), False, tuple(map(_plain, some))
    found = [_aggregate(random.choice(table.columns), random) for _ in range(random.randint(1, 3))]
    if kind == "aggregate":
        return (), False, tuple(found)
    group = (*partition, *clustering[: random.randint(0, len(clustering))])
    return group, False, (*map(_plain, group[-2:]), *found)


def _plain(column: Column) -> Selector:
    return Selector(column.name, lambda rows: rows[0][column.name] if rows else None)


def _aggregate(column: Column, random: Random) -> Selector:
    name = column.name

    def values(rows: Sequence[Row]) -> list[Value]:
        return [row[name] for row in rows if row[name] is not None]

    kinds = ["star", "count"]
    if not column.is_collection:
        kinds += ["min", "max"]
    if column.type == "int":
        kinds += ["sum"]
    kind = random.choice(kinds)
    if kind == "star":
        return Selector("count(*)", len, True)
    if kind == "count":
        return Selector(f"count({name})", lambda rows: len(values(rows)), True)
    if kind == "sum":
        return Selector(f"sum({name})", lambda rows: sum(values(rows)), True)
    least = kind == "min"

    def extreme(rows: Sequence[Row]) -> Value:
        found = values(rows)
        return None if not found else min(found) if least else max(found)

    return Selector(f"{kind}({name})", extreme, True)


def expanded(query: Query) -> Query:
    """Return a query whose ``*`` is all columns, which reads the same."""
    if query.selectors[0].text != "*":
        return query
    selectors = tuple(map(_plain, query.table.shown))
    return Query(**{**vars(query), "selectors": selectors})


# Relations


def _equal(column: Column, random: Random, table: Table) -> Relation:
    """Return = or IN of a column of the partition key, often of values that are there."""
    place = table.of("partition").index(column)
    there = [partition.key[place] for partition in table.partitions]
    choose = there if random.random() < 0.8 else column.values
    if random.random() < 0.4:
        some = [random.choice(choose) for _ in range(random.randint(1, 3))]
        if len(set(some)) > 1:
            return _among(column, some)
        return _compare(column, "=", some[0])
    return _compare(column, "=", random.choice(choose))


def _compare(column: Column, operator: str, value: Value) -> Relation:
    compare, name = COMPARE[operator], column.name
    return Relation(
        f"{name} {operator} {literal(value)}",
        frozenset({column.kind}),
        lambda row, _: row[name] is not None and compare(row[name], value),
        name if operator == "=" else None,
    )


def _among(column: Column, values: Sequence[Value]) -> Relation:
    text = ", ".join(map(literal, values))
    return Relation(
        f"{column.name} IN ({text})",
        frozenset({column.kind}),
        lambda row, _: row[column.name] is not None and row[column.name] in values,
        column.name,
    )


def _slice(clustering: Sequence[Column], random: Random) -> Iterator[Relation]:
    """Yield relations of leading clustering columns."""
    if len(clustering) > 1 and random.random() < 0.3:
        yield from _several(clustering, random)
        return
    for column in clustering[: random.randint(0, len(clustering))]:
        kind = random.choice(("=", "=", "IN", "range"))
        if kind == "range":
            yield _compare(column, random.choice((">", ">=")), random.choice(column.values))
            if random.random() < 0.6:
                yield _compare(column, random.choice(("<", "<=")), random.choice(column.values))
            return
        if kind == "IN":
            count = random.randint(0, 3)
            yield _among(column, [random.choice(column.values) for _ in range(count)])
        else:
            yield _compare(column, "=", random.choice(column.values))


def _several(clustering: Sequence[Column], random: Random) -> Iterator[Relation]:
    """Yield relations of several columns at once."""
    first = 0
    if len(clustering) > 2 and random.random() < 0.3:
        yield _compare(clustering[0], "=", random.choice(clustering[0].values))
        first = 1
    columns = clustering[first : first + random.randint(2, 3)]
    names = [column.name for column in columns]
    left = f"({', '.join(names)})"

    def value() -> tuple[Value, ...]:
        return tuple(random.choice(column.values) for column in columns)

    def shown(values: tuple[Value, ...]) -> str:
        return f"({', '.join(map(literal, values))})"

    def compare(operator: str) -> Relation:
        wanted, function = value(), COMPARE[operator]
        return Relation(
            f"{left} {operator} {shown(wanted)}",
            frozenset({"clustering"}),
            lambda row, _: (
                row[names[0]] is not None and function(tuple(row[name] for name in names), wanted)
            ),
        )

    kind = random.choice(("=", "IN", "low", "high", "both"))
    if kind == "IN":
        some = [value() for _ in range(random.randint(1, 4))]
        yield Relation(
            f"{left} IN ({', '.join(map(shown, some))})",
            frozenset({"clustering"}),
            lambda row, _: tuple(row[name] for name in names) in some,
        )
    elif kind == "=":
        yield compare("=")
    if kind in {"low", "both"}:
        yield compare(random.choice((">", ">=")))
    if kind in {"high", "both"}:
        yield compare(random.choice(("<", "<=")))


def _token(table: Table, random: Random) -> Iterator[Relation]:
    """Yield relations of the token."""
    left = f"token({', '.join(column.name for column in table.of('partition'))})"
    operators = random.choice(((">",), (">=",), ("<",), ("<=",), (">", "<="), (">=", "<"), ("=",)))
    for operator in operators:
        partition = random.choice(table.partitions)
        token = partition.token
        shown = str(token)
        if random.random() < 0.4:
            shown = f"token({', '.join(map(literal, partition.key))})"
        compare = COMPARE[operator]
        yield Relation(
            f"{left} {operator} {shown}",
            frozenset({"token"}),
            lambda _, own, compare=compare, token=token: compare(own.token, token),  # type: ignore[misc]
        )


def _any(column: Column, random: Random) -> Relation:
    """Return any relation of a column."""
    kind, name = frozenset({column.kind}), column.name
    value = random.choice(column.values)
    if not column.is_collection or (not column.has_parts and random.random() < 0.4):
        operator = random.choice(("=", "=", "IN", *SLICES))
        if operator == "IN":
            return _among(
                column, [random.choice(column.values) for _ in range(random.randint(1, 3))]
            )
        return _compare(column, operator, value)
    if "map" not in column.type:
        wanted = random.choice((0, 1, 2))
        return Relation(
            f"{name} CONTAINS {wanted}", kind, lambda row, _: wanted in (row[name] or ())
        )
    key, held = random.choice("abc"), random.choice((0, 1, 2))
    which = random.choice(("key", "value", "entry"))
    if which == "key":
        return Relation(
            f"{name} CONTAINS KEY '{key}'", kind, lambda row, _: key in dict(row[name] or ())
        )
    if which == "value":
        return Relation(
            f"{name} CONTAINS {held}", kind, lambda row, _: held in dict(row[name] or ()).values()
        )
    return Relation(
        f"{name}['{key}'] = {held}", kind, lambda row, _: dict(row[name] or ()).get(key) == held
    )
