"""A result that a client is reading: its rows as far as it pulls them, and its summary."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from fivefold.errors import FivefoldError
from fivefold.serve.neo4j import notices
from fivefold.wire.neo4j.messages import LAST, Notifications, Version

if TYPE_CHECKING:
    from fivefold.languages.cypher.graph import Statistics
    from fivefold.serve.neo4j.session import Result
    from fivefold.wire.neo4j.encode import Encoder

COUNTERS = (
    *("nodes_created", "nodes_deleted", "relationships_created", "relationships_deleted"),
    *("properties_set", "labels_added", "labels_removed", "indexes_added", "indexes_removed"),
    *("constraints_added", "constraints_removed", "system_updates"),
)


class Reading:
    """A result and how far it has been read.

    One row is always fetched ahead, so that a client is told with the last row that it was the
    last. An error that comes with a row ahead is raised when the client asks for that row.
    """

    __slots__ = (
        "_ahead",
        "_began",
        "_ended",
        "_error",
        "_has_rows",
        "filters",
        "qid",
        "query",
        "result",
        "writes",
    )

    def __init__(
        self, result: Result, qid: int, query: str, filters: Notifications, began: float
    ) -> None:
        self.result = result
        self.qid = qid
        self.query = query
        self.filters = filters
        self.writes = result.kind != "r"
        self._began = began
        self._ahead: list[Sequence[Any]] = []
        self._ended = False
        self._error: FivefoldError | None = None
        self._has_rows = False

    @property
    def ready(self) -> bool:
        """Say whether the rest can be had without waiting."""
        return self._ended or self.result.ready

    @property
    def may_end(self) -> bool:
        """Say whether nothing is missed by who does not want the rest: it only reads."""
        return not self.writes and self.result.profile is None

    def end(self) -> None:
        """Give up the rest."""
        self.result.close()
        self._ahead.clear()
        self._ended, self._error = True, None

    @property
    def more(self) -> bool:
        """Say whether there are rows left, as far as is known."""
        return bool(self._ahead) or not self._ended

    def ahead(self, rows_max: int) -> None:
        """Fetch rows that will be asked for, and one more; never raises FivefoldError."""
        try:
            self._fetch(rows_max)
        except FivefoldError as error:
            self._error = error

    def _fetch(self, rows_max: int) -> None:
        wanted = rows_max + 1 - len(self._ahead)
        if self._ended or wanted <= 0:
            return
        rows = self.result.fetch(wanted)
        self._ended = len(rows) < wanted
        self._ahead += rows

    def take(self, rows_max: int) -> list[Sequence[Any]]:
        """Return so many rows, fewer only at the end. Raises FivefoldError."""
        if self._error is not None:
            raise self._error
        self._fetch(rows_max)
        rows, self._ahead = self._ahead[:rows_max], self._ahead[rows_max:]
        self._has_rows = self._has_rows or bool(rows)
        return rows

    def read(self, rows_max: int, encoder: Encoder) -> tuple[bytes, int]:
        """Return the records of the next rows and their number. Raises FivefoldError."""
        rows = self.take(rows_max)
        encoder.graph = self.result.graph
        return (encoder.records(rows) if rows else b""), len(rows)

    def head(self, version: Version, *, inside: bool) -> dict[str, Any]:
        """Return what the SUCCESS of RUN says."""
        said: dict[str, Any] = {"fields": list(self.result.columns), "t_first": self._elapsed_ms()}
        if inside:
            said["qid"] = self.qid
        if version >= (5, 8):
            said["db"] = self.result.database
        return said

    def summary(self, version: Version) -> dict[str, Any]:
        """Return what the SUCCESS behind the last record says."""
        result = self.result
        said: dict[str, Any] = {
            "type": result.kind,
            "t_last": self._elapsed_ms(),
            "db": result.database,
        }
        if result.kind != "r":
            said.update(counted(result.statistics))
        if result.plan is not None:
            said["plan"] = result.plan
        if result.profile is not None:
            said["profile"] = result.profile
        found = result.notifications
        heard = notices.wanted(found, self.filters) if found else ()
        said.update(
            notices.metadata(
                heard,
                version,
                self.query,
                has_columns=bool(result.columns) and result.plan is None,
                has_rows=self._has_rows,
            )
        )
        return said

    def _elapsed_ms(self) -> int:
        return int((time.monotonic() - self._began) * 1000)


def counted(statistics: Statistics) -> dict[str, Any]:
    """Return the counters that are not zero, by Neo4j's names, if there are any."""
    counters: dict[str, Any] = {
        name.replace("_", "-"): count
        for name in COUNTERS
        if (count := getattr(statistics, name, 0))
    }
    if not counters:
        return {}
    if set(counters) == {"system-updates"}:
        counters["contains-system-updates"] = True
    else:
        counters["contains-updates"] = True
    return {"stats": counters}


class Readings:
    """The results that are open, by number; one at a time outside a transaction."""

    __slots__ = ("_by_qid", "_last", "_next")

    def __init__(self) -> None:
        self._by_qid: dict[int, Reading] = {}
        self._last = -1
        self._next = 0

    def __len__(self) -> int:
        return len(self._by_qid)

    def __iter__(self) -> Iterator[Reading]:
        return iter(self._by_qid.values())

    def next_qid(self) -> int:
        """Return the number of the result that is opened next."""
        return self._next

    def add(self, reading: Reading) -> None:
        """Take note of a result."""
        self._by_qid[reading.qid] = reading
        self._last = reading.qid
        self._next = reading.qid + 1

    def find(self, qid: int) -> Reading | None:
        """Return the result that a client means."""
        return self._by_qid.get(self._last if qid == LAST else qid)

    def remove(self, reading: Reading) -> None:
        """Forget a result that has been read."""
        self._by_qid.pop(reading.qid, None)

    def clear(self) -> None:
        """Give up all that is open."""
        for reading in self._by_qid.values():
            reading.result.close()
        self._by_qid.clear()
        self._next = 0
        self._last = -1
