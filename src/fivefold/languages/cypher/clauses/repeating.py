"""FOREACH: updates for each item of a list; the row goes on as it came.

Source: Cypher Manual, "FOREACH".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fivefold.languages.cypher.expressions import Evaluate
from fivefold.languages.cypher.graph import Row, Run
from fivefold.languages.cypher.operators import Operator, Pipeline


class Foreach(Operator):
    """Runs updates for each item."""

    name = "Foreach"
    writes = True
    reads = True

    def __init__(
        self,
        columns: Iterable[str],
        variable: str,
        source: Evaluate,
        updates: Pipeline,
        text: str,
    ) -> None:
        super().__init__(columns)
        self._variable = variable
        self._source = source
        self._updates = updates
        self._text = text

    @property
    def details(self) -> str:
        return f"{self._variable} IN {self._text}"

    @property
    def inner(self) -> tuple[Pipeline, ...]:
        return (self._updates,)

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        variable, source, updates = self._variable, self._source, self._updates
        for row in input:
            value = source(row, run)
            items = value if isinstance(value, list) else [] if value is None else [value]
            for _ in updates.rows(({**row, variable: item} for item in items), run):
                pass
            yield row
