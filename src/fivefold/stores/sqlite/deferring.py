"""SET CONSTRAINTS in a file: which constraints are checked now, and which at commit.

SQLite can put off all foreign keys of a transaction or none (``PRAGMA defer_foreign_keys``), and
with them the keys of ``doubles``. So the first SET CONSTRAINTS of a transaction puts off all; those
that PostgreSQL would check at once are looked at here after each change. That costs next to nothing
while no key is broken, for SQLite counts broken ones; transactions without SET CONSTRAINTS never
come here.
"""

from __future__ import annotations

from collections.abc import Iterator

import apsw

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import ForeignKey, Key, Table
from fivefold.errors import InvalidState
from fivefold.stores.sqlite import doubles
from fivefold.stores.sqlite.failures import reference_broken
from fivefold.stores.sqlite.names import quote, table_name
from fivefold.values.types import Stored

Chosen = tuple[str, str]  # a constraint's namespace and name


class Deferring:
    """What one transaction has asked for."""

    def __init__(self) -> None:
        self._deferred: dict[Chosen, bool] = {}
        self._marks: list[tuple[str, dict[Chosen, bool]]] = []

    def savepoint(self, name: str) -> None:
        """Remember what was asked for until now."""
        self._marks.append((name, self._deferred.copy()))

    def release(self, name: str) -> None:
        """Forget a savepoint and those after it; what was asked for since stays."""
        self._back_to(name)

    def rollback_to(self, name: str) -> None:
        """Ask for what was asked for at a savepoint; nothing was if it is the older one."""
        self._deferred = self._back_to(name)
        self.savepoint(name)

    def _back_to(self, name: str) -> dict[Chosen, bool]:
        while self._marks:
            found, deferred = self._marks.pop()
            if found == name:
                return deferred
        return {}

    def choose(self, constraints: list[Chosen], *, deferred: bool) -> None:
        """Have these be checked at commit, or at once from now on."""
        self._deferred.update(dict.fromkeys(constraints, deferred))

    def check(self, raw: apsw.Connection, changed: Table | None, catalog: Catalog) -> None:
        """Raise Violation if a key is broken that is to be checked at once."""
        if not raw.status(apsw.SQLITE_DBSTATUS_DEFERRED_FKS)[0]:
            return
        for table in catalog.tables():
            for one in doubles.deferrable_keys(table):
                violation = None
                if not self._is_deferred(table, one):
                    violation = doubles.of_key(raw, table, one)
                if violation is not None:
                    raise violation
        for child, key in self._immediate(catalog):
            values = _broken_row(raw, child, key)
            if values is not None:
                from_child = changed is None or (changed.namespace, changed.name) != key.target
                raise reference_broken(child, key, values, from_child or changed == child)

    def _immediate(self, catalog: Catalog) -> Iterator[tuple[Table, ForeignKey]]:
        for table in catalog.tables():
            for key in table.foreign_keys:
                if not self._is_deferred(table, key):
                    yield table, key

    def _is_deferred(self, table: Table, constraint: Key | ForeignKey) -> bool:
        initially = constraint.deferrable and constraint.initially_deferred
        return self._deferred.get((table.namespace, constraint.name), initially)


def refuse_pending(raw: apsw.Connection, table: Table, doing: str) -> None:
    """Raise InvalidState if rows of the table are still to be checked, and break a constraint."""
    broken = doubles.has_pending(raw, table)
    if raw.status(apsw.SQLITE_DBSTATUS_DEFERRED_FKS)[0]:
        keys = [key for key in table.foreign_keys if key.deferrable]
        broken = broken or any(_broken_row(raw, table, key) is not None for key in keys)
    if broken:
        raise InvalidState(
            f'cannot {doing} "{table.name}" because it has pending trigger events',
            "object_in_use",
        )


def _broken_row(raw: apsw.Connection, child: Table, key: ForeignKey) -> tuple[Stored, ...] | None:
    """Return the key of a row that refers to nothing."""
    pairs = list(zip(key.columns, key.target_columns, strict=True))
    given = " AND ".join(f"c.{quote(column)} IS NOT NULL" for column in key.columns)
    same = " AND ".join(f"p.{quote(target)} = c.{quote(column)}" for column, target in pairs)
    columns = ", ".join(f"c.{quote(column)}" for column in key.columns)
    rows = raw.execute(
        f"SELECT {columns} FROM {quote(table_name(child.namespace, child.name))} AS c"
        f" WHERE {given} AND NOT EXISTS"
        f" (SELECT 1 FROM {quote(table_name(*key.target))} AS p WHERE {same}) LIMIT 1"
    ).fetchall()
    return rows[0] if rows else None
