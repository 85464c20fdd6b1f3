"""Operators that make rows of lists, choose among rows, and run queries within queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from fivefold.languages.cypher.expressions import Evaluate
from fivefold.languages.cypher.graph import Row, Run
from fivefold.languages.cypher.operators import Operator, Pipeline, held
from fivefold.languages.unit import WATCHED_EVERY, watched
from fivefold.values.graph.faults import fault
from fivefold.values.graph.text import literal


class Filter(Operator):
    """Drops rows for which a condition is not true."""

    name = "Filter"

    def __init__(
        self, columns: Iterable[str], condition: Evaluate, text: str, reads: bool = True
    ) -> None:
        super().__init__(columns)
        self._condition = condition
        self._text = text
        self.reads = reads

    @property
    def details(self) -> str:
        return self._text

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        condition = self._condition
        for row in input:
            value = condition(row, run)
            if value is True:
                yield row
            elif value is not None and value is not False:
                raise not_a_condition(value)


def not_a_condition(value: Any) -> Exception:
    """Return the error for a condition that is something else."""
    return fault(
        "InvalidArgumentType",
        f"Don't know how to treat that as a boolean: {literal(value)}",
        type="TypeError",
    )


class Unwind(Operator):
    """A row for each item of a list; none for null, one for what is no list."""

    name = "Unwind"

    def __init__(self, columns: Iterable[str], source: Evaluate, variable: str, text: str) -> None:
        super().__init__(columns)
        self._source = source
        self._variable = variable
        self._text = text

    @property
    def details(self) -> str:
        return f"{self._text} AS {self._variable}"

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        source, variable, check = self._source, self._variable, run.check
        for row in input:
            check()
            value = source(row, run)
            if isinstance(value, list):
                items = value if len(value) <= WATCHED_EVERY else watched(iter(value), check)
                for item in items:
                    yield {**row, variable: item}
            elif value is not None:
                yield {**row, variable: value}


class Optional(Operator):
    """For each row those that a pipeline makes of it; where there are none, one with nulls."""

    name = "Optional"

    def __init__(self, pipeline: Pipeline, made: Iterable[str]) -> None:
        super().__init__(pipeline.columns)
        self._pipeline = pipeline
        self._nulls = dict.fromkeys(made)
        self.reads, self.writes = pipeline.reads, pipeline.writes

    @property
    def inner(self) -> tuple[Pipeline, ...]:
        return (self._pipeline,)

    @property
    def details(self) -> str:
        return ", ".join(self._nulls)

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        pipeline, nulls = self._pipeline, self._nulls
        for row in input:
            found = False
            for made in pipeline.for_row(row, run):
                found = True
                yield made
            if not found:
                yield {**row, **nulls}


class Apply(Operator):
    """For each row a query of its own, with the variables that it imports."""

    name = "Apply"

    def __init__(
        self,
        columns: Iterable[str],
        query: Pipeline,
        imports: Sequence[str],
        returns: Sequence[str],
        *,
        unit: bool,
        optional: bool = False,
    ) -> None:
        super().__init__(columns)
        self._query = query
        self._imports = tuple(imports)
        self._returns = tuple(returns)
        self._unit = unit
        self._optional = optional
        self.reads, self.writes = query.reads, query.writes

    @property
    def inner(self) -> tuple[Pipeline, ...]:
        return (self._query,)

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        query, imports, returns = self._query, self._imports, self._returns
        for row in input:
            made = query.for_row({name: row[name] for name in imports}, run)
            if self._unit:  # it returns nothing: each row goes on once
                for _ in made:
                    pass
                yield row
                continue
            found = False
            for one in made:
                found = True
                yield {**row, **{name: one[name] for name in returns}}
            if self._optional and not found:
                yield {**row, **dict.fromkeys(returns)}


class Union(Operator):
    """The rows of several queries, each of which gets all rows that come in."""

    name = "Union"

    def __init__(self, columns: Sequence[str], queries: Sequence[Pipeline]) -> None:
        super().__init__(columns)
        self._queries = tuple(queries)
        self.reads = any(query.reads for query in queries)
        self.writes = any(query.writes for query in queries)

    @property
    def inner(self) -> tuple[Pipeline, ...]:
        return self._queries

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        given = list(held(input, 1))
        for query in self._queries:
            yield from query.rows(iter(given), run)
