"""One look at a store: its tables as of one moment, whatever store it is."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.roles import Privilege
from fivefold.plan.statement import Access, Effort, Output, Path, Statement, Template
from fivefold.stores.contract import Connection, Store
from fivefold.values.types import INT8, Type


class Looking:
    """The tables of a store over one connection, inside its transaction."""

    def __init__(self, store: Store, connection: Connection, catalog: Catalog) -> None:
        self.catalog = catalog
        self.now_s = time.time_ns() // 1_000_000_000
        self.prepare = store.prepare
        self.stream = connection.stream
        self._connection = connection

    def rows(
        self,
        text: str,
        containers: Mapping[str, tuple[str, str]],
        outputs: Sequence[Type],
        parameters: Sequence[Any] = (),
        *,
        given: Sequence[Type] = (),
        paths: Mapping[str, Path] | None = None,
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a fixed statement: see ``Template``; ``given`` are parameters' types.

        Raises FivefoldError where the store cannot read on.
        """
        statement = Statement(
            Template(text, dict(containers), None if paths is None else dict(paths)),
            parameters=tuple(given),
            outputs=tuple(Output(f"c{place}", type) for place, type in enumerate(outputs)),
            accesses=tuple(Access(*each, Privilege.READ) for each in containers.values()),
            effort=Effort.SCAN,
        )
        return self.stream(self.prepare(statement), tuple(parameters))

    def count(self, place: tuple[str, str], where: str = "") -> int:
        """Return how many rows a table has, or those of a condition."""
        text = f"SELECT count(*) FROM {{t}} {where}"
        return int(next(self.rows(text, {"t": place}, [INT8]))[0])

    def begin_anew(self) -> None:
        """Begin another transaction: one may read nothing more behind a page that is damaged."""
        begin_anew(self._connection)


def begin_anew(connection: Connection) -> None:
    """Have a connection read in another transaction."""
    connection.rollback()
    connection.begin(write=False)
