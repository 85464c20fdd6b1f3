"""The operators of WITH and RETURN: columns, order, and how many rows.

Source: openCypher 9, "WITH", "RETURN", "ORDER BY", "SKIP", "LIMIT".
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fivefold.languages.cypher.context import Names
from fivefold.languages.cypher.expressions import Evaluate
from fivefold.languages.cypher.graph import Row, Run
from fivefold.languages.cypher.operators import Operator, held
from fivefold.values.graph.faults import fault
from fivefold.values.graph.order import equivalence_key, sort_key
from fivefold.values.graph.text import literal

Column = tuple[str, Evaluate]


class Projection(Operator):
    """Makes columns; ``keeps`` those that were there."""

    name = "Projection"

    def __init__(
        self, columns: Iterable[str], made: Iterable[Column], keeps: bool | Names, text: str
    ) -> None:
        super().__init__(columns)
        self._made = tuple(made)
        self._keeps = keeps
        self._text = text

    @property
    def details(self) -> str:
        return self._text

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        made, keeps = self._made, self._keeps
        if keeps is True:
            for row in input:
                yield {**row, **{name: evaluate(row, run) for name, evaluate in made}}
        elif not keeps:
            for row in input:
                yield {name: evaluate(row, run) for name, evaluate in made}
        else:
            for row in input:
                new = {name: row[name] for name in keeps}
                for name, evaluate in made:
                    new[name] = evaluate(row, run)
                yield new


class Keep(Operator):
    """Drops all columns but some."""

    def __init__(self, columns: Iterable[str], ambient: Names) -> None:
        super().__init__(columns)
        self._kept = (*self.columns, *(ambient - {*self.columns}))

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        kept = self._kept
        for row in input:
            yield {name: row[name] for name in kept}


class Distinct(Operator):
    """Drops rows that are equivalent to earlier ones."""

    name = "Distinct"

    @property
    def details(self) -> str:
        return ", ".join(self.columns)

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        columns = self.columns
        seen: set[Any] = set()
        for row in held(input, len(columns)):
            key = tuple([equivalence_key(row[name]) for name in columns])
            if key not in seen:
                seen.add(key)
                yield row


class _Descending:
    """A key that sorts the other way round."""

    __slots__ = ("key",)

    def __init__(self, key: Any) -> None:
        self.key = key

    def __lt__(self, other: _Descending) -> bool:
        return bool(other.key < self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Descending) and bool(self.key == other.key)


class Sort(Operator):
    """Puts rows in order; equal ones stay as they came."""

    name = "Sort"
    eager = True

    def __init__(
        self, columns: Iterable[str], keys: Iterable[tuple[Evaluate, bool]], text: str
    ) -> None:
        super().__init__(columns)
        self._keys = tuple(keys)
        self._text = text

    @property
    def details(self) -> str:
        return self._text

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        return iter(sorted(held(input, len(self.columns)), key=self.key(run)))

    def key(self, run: Run) -> Callable[[Row], Any]:
        """Return what a row is put in order by."""
        if len(self._keys) == 1:
            evaluate, descending = self._keys[0]
            if descending:
                return lambda row: _Descending(sort_key(evaluate(row, run)))
            return lambda row: sort_key(evaluate(row, run))
        keys = self._keys

        def key(row: Row) -> Any:
            return [
                _Descending(sort_key(evaluate(row, run)))
                if descending
                else sort_key(evaluate(row, run))
                for evaluate, descending in keys
            ]

        return key


class Top(Operator):
    """The first rows of an order."""

    name = "Top"
    eager = True

    def __init__(self, sort: Sort, most: list[Evaluate], text: str) -> None:
        super().__init__(sort.columns)
        self._sort = sort
        self._most = most
        self._text = text

    @property
    def details(self) -> str:
        return f"{self._sort.details} LIMIT {self._text}"

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        most = sum(row_count(one, "LIMIT", run) for one in self._most)
        if most == 0:
            for _ in input:  # what it does is done all the same
                pass
            return iter(())
        return iter(heapq.nsmallest(most, held_at_most(input, most, self), key=self._sort.key(run)))


def held_at_most(rows: Iterator[Row], most: int, operator: Operator) -> Iterator[Row]:
    """Pass on rows of which no more than ``most`` are kept."""
    width = len(operator.columns)
    return held(rows, width) if most * max(width, 1) > 1_000_000 else rows


class Skip(Operator):
    """Drops the first rows."""

    name = "Skip"
    stops_early = True

    def __init__(self, columns: Iterable[str], count: Evaluate, text: str) -> None:
        super().__init__(columns)
        self._count = count
        self._text = text

    @property
    def details(self) -> str:
        return self._text

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        count = row_count(self._count, "SKIP", run)
        for place, row in enumerate(input):
            if place >= count:
                yield row


class Limit(Operator):
    """Ends after some rows."""

    name = "Limit"
    stops_early = True

    def __init__(self, columns: Iterable[str], count: Evaluate, text: str) -> None:
        super().__init__(columns)
        self._count = count
        self._text = text

    @property
    def details(self) -> str:
        return self._text

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        left = row_count(self._count, "LIMIT", run)
        if left == 0:
            if self.after_writing:
                next(input, None)
            return
        for row in input:
            yield row
            left -= 1
            if left == 0:
                return


def row_count(evaluate: Evaluate, clause: str, run: Run) -> int:
    """Return the value of SKIP or LIMIT, which sees no row."""
    count = evaluate({}, run)
    if type(count) is not int or count < 0:
        shown = count if type(count) is str else literal(count)
        raise fault(
            "NegativeIntegerArgument" if type(count) is int else "InvalidArgumentType",
            f"{clause}: Invalid input. '{shown}' is not a valid value. Must be a non-negative"
            " integer.",
            phase="runtime",
            status="ArgumentError",
        )
    return count
