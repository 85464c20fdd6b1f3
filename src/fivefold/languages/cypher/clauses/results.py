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
        if self._after_writing:
            return self._written(input, run)
        return input if self.columns else _none(input)

    def _written(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        rows = list(held(input, len(self.columns))) if self.columns else list(_none(input))
        run.graph.finish()
        yield from rows


def _none(input: Iterator[Row]) -> Iterator[Row]:
    """Take all rows, for what they do, and give none."""
    for _ in input:
        pass
    return iter(())
