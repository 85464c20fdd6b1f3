"""A store's connection that tells a profile what it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fivefold.languages.cypher.graph import Profile
from fivefold.languages.unit import Runner
from fivefold.plan.statement import Prepared

Row = tuple[Any, ...]


class ProfiledRunner:
    """See ``unit.Runner``."""

    def __init__(self, runner: Runner, profile: Profile) -> None:
        self._runner = runner
        self._hit = profile.hit

    def run(self, prepared: Prepared, parameters: Sequence[Any] = ()) -> list[Row]:
        rows = self._runner.run(prepared, parameters)
        self._hit(1 + len(rows))
        return rows

    def stream(self, prepared: Prepared, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        self._hit(1)
        for row in self._runner.stream(prepared, parameters):
            self._hit(1)
            yield row

    def run_many(self, prepared: Prepared, rows: Any) -> int:
        given = [*rows]
        self._hit(1 + len(given))
        return self._runner.run_many(prepared, given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._runner, name)
