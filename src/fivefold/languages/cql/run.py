"""What closures of a plan are given when it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fivefold.languages.cql.results import NO_OPTIONS, Options, Parameters
from fivefold.languages.unit import Unit

if TYPE_CHECKING:
    from fivefold.languages.cql.system import Node


class Run:
    """One run of a statement: its unit, its parameters and its time.

    ``parameters`` are in stored form, None or UNSET, in the order of the markers. ``keyspace`` is
    the session's, if it has one. ``node`` is the server that system tables tell of, if there is
    one.
    """

    __slots__ = ("_now_s", "_now_us", "keyspace", "node", "options", "parameters", "unit")

    def __init__(
        self,
        unit: Unit,
        parameters: Parameters = (),
        options: Options = NO_OPTIONS,
        keyspace: str | None = None,
        node: Node | None = None,
    ) -> None:
        self.unit = unit
        self.parameters = parameters
        self.options = options
        self.keyspace = keyspace
        self.node = node
        self._now_us: int | None = None
        self._now_s: int | None = options.now_s

    @property
    def now_us(self) -> int:
        """Return microseconds since 1970 by the engine's clock, the same all through the run.

        No two runs of a process have the same ones: it is the timestamp of what is written without
        one.
        """
        found = self._now_us
        if found is None:
            found = self._now_us = self.unit.moment_us()
        return found

    @property
    def now_s(self) -> int:
        """Return the second since 1970 that expiry goes by, that of the options if they say one."""
        found = self._now_s
        if found is None:
            found = self._now_s = self.unit.now_ms // 1000
        return found
