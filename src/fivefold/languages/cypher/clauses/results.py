"""The end of a plan: what a client gets."""

from __future__ import annotations

from collections.abc import Iterator

from fivefold.languages.cypher.graph import Row, Run
from fivefold.languages.cypher.operators import Operator, held


class ProduceResults(Operator):
    """Gives the rows out. Of a query that writes, all is done and checked before the first."""

    name = "ProduceResults"

    def __init__(self, columns: tuple[str, ...], *, after_writing: bool) -> None:
        super().__init__(columns)
        self._after_writing = after_writing

    @property
    def details(self) -> str:
        return ", ".join(self.columns)

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        if not self._after_writing:
            return input
        return self._written(input, run)

    def _written(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        if self.columns:
            rows = list(held(input, len(self.columns)))
        else:
            rows = []
            for _ in input:
                pass
        run.graph.finish()
        yield from rows
