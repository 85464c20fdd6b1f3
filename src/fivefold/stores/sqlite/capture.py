"""Finding the row that a constraint refused, by running the statement again under triggers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

import apsw

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import Action, ForeignKey, Table
from fivefold.errors import FivefoldError, Violation
from fivefold.stores.sqlite.names import NULL_KEY, quote, table_name
from fivefold.values.text import output
from fivefold.values.types import Stored, Type

if TYPE_CHECKING:
    from fivefold.stores.sqlite.connection import SqliteConnection

T = TypeVar("T")

SHOWN_CHARS_MAX = 64  # of one value in an error's detail, as PostgreSQL cuts them
BROKEN_ROWS_MAX = 100  # looked at to find one that can be named
CATCH = "fivefold_catch"
KEY_TRIED = -(2**63)  # a rowid that no table reaches by counting

_GENERATED = r"^    {} .*? GENERATED ALWAYS AS \((.*)\) STORED(?: NOT NULL)?,?$"

_SET_BACK = (
    "UPDATE fivefold_sequences SET last_value = last_value - ? WHERE namespace = ? AND name = ?"
)

Broken = tuple[Table, ForeignKey, Sequence[Stored], bool]
"""(referring table, its key, the key's values, whether the referring side was changed)."""


def shown(value: Stored, type_: Type) -> str:
    """Return a stored value as an error's detail shows it; moments are shown in UTC."""
    if value is None:
        return "null"
    text = output(type_)(value)
    return text if len(text) <= SHOWN_CHARS_MAX else text[:SHOWN_CHARS_MAX] + "..."


def shown_key(table: Table, columns: Sequence[str], values: Sequence[Stored]) -> str:
    """Return a unique key's columns and values as an error's detail shows them."""
    # Imported only where a statement failed.
    from fivefold.stores.sqlite.functions.text import quote_ident

    types = {column.name: column.type for column in table.columns}
    named = zip(columns, values, strict=True)
    listed = ", ".join(shown(value, types[column]) for column, value in named)
    return f"Key ({', '.join(map(quote_ident, columns))})=({listed})"


def not_unique(
    table: Table, name: str, columns: Sequence[str], values: Sequence[Stored] | None
) -> Violation:
    """Return the violation of a unique key or index by ``values``, if they are known."""
    detail = None
    if values is not None:
        detail = f"{shown_key(table, columns, values)} already exists."
    return Violation(
        f'duplicate key value violates unique constraint "{name}"',
        "unique_violation",
        detail=detail,
        namespace=table.namespace,
        container=table.name,
        constraint=name,
    )


class Capture:
    """A refused statement that can be tried again to see which row was refused."""

    def __init__(
        self, connection: SqliteConnection, text: str, parameters: Sequence[Stored]
    ) -> None:
        self._connection = connection
        self._text = text
        self._parameters = parameters

    def refused_row(self, target: Table) -> dict[str, Stored] | None:
        """Return the row at which the statement stops, by column, or None if it does not."""
        rows = self._rows(target)
        return self._computed(target, rows[-1]) if rows else None

    def row_without_key(self, target: Table, key: str) -> dict[str, Stored] | None:
        """Return the first row whose rowid, the column ``key``, is null.

        SQLite refuses it before any trigger sees it: it is tried again with a number.
        """
        text = self._text.replace(f"'{NULL_KEY}'", str(KEY_TRIED))
        rows = Capture(self._connection, text, self._parameters)._rows(target)
        found = next((row for row in rows if row[key] == KEY_TRIED), None)
        return None if found is None else self._computed(target, {**found, key: None})

    def _computed(self, target: Table, row: dict[str, Stored]) -> dict[str, Stored]:
        """Return a row with its generated columns, which no trigger sees: by the table's text."""
        names = [column.name for column in target.columns if column.generated is not None]
        if not names:
            return row
        raw = self._connection.raw
        text = raw.execute(
            "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?",
            (table_name(target.namespace, target.name),),
        ).get
        found = {
            name: written[1]
            for name in names
            if (written := re.search(_GENERATED.format(re.escape(quote(name))), str(text), re.M))
        }
        stored = [column.name for column in target.columns if column.generated is None]
        listed = ", ".join(f"? AS {quote(name)}" for name in stored)
        asked = ", ".join(f"({found[name]})" for name in found)
        try:
            values = raw.execute(
                f"SELECT {asked} FROM (SELECT {listed})", [row[name] for name in stored]
            ).fetchall()
        except (apsw.Error, FivefoldError):
            return row  # it is refused for what is computed of it
        return row | dict(zip(found, values[0], strict=True))

    def _rows(self, target: Table) -> list[dict[str, Stored]]:
        """Return the rows that the statement comes to, by column."""
        stored = [column.name for column in target.columns if column.generated is None]
        values = ", ".join(f"new.{quote(name)}" for name in stored)
        body = f"SELECT {CATCH}({values});"
        name = _main(target)
        triggers = [f"BEFORE {event} ON {name} BEGIN {body} END" for event in ("INSERT", "UPDATE")]
        return [
            dict.fromkeys([column.name for column in target.columns])
            | dict(zip(stored, row, strict=True))
            for row in self._caught(triggers)
        ]

    def broken_reference(self, target: Table, catalog: Catalog) -> Broken | None:
        """Return the foreign key that the statement breaks."""
        described: list[tuple[Table, ForeignKey, bool]] = []
        triggers = []
        for key in target.foreign_keys:
            described.append((target, key, True))
            triggers += _child_triggers(target, key, len(described) - 1)
        for child in catalog.referrers(target):
            for key in child.foreign_keys:
                if key.target == (target.namespace, target.name):
                    described.append((child, key, False))
                    triggers += _parent_triggers(child, key, len(described) - 1)
        caught = self._caught(triggers, deferred=True)
        for number, *values in caught:
            assert isinstance(number, int)
            return (described[number][0], described[number][1], values, described[number][2])
        return self.afterwards(broken_anywhere, catalog)  # by an action: SET DEFAULT may

    def afterwards(
        self, look: Callable[[apsw.Connection, Catalog], T | None], catalog: Catalog
    ) -> T | None:
        """Return what ``look`` finds where the statement has run and nothing was checked."""
        raw = self._connection.raw
        with _undone(raw, deferred=True):
            self._connection.forget_touched()
            try:
                raw.execute(self._text, tuple(self._parameters)).fetchall()
            except apsw.ConstraintError:
                return None
            return look(raw, catalog)

    def _caught(
        self, triggers: Sequence[str], *, deferred: bool = False
    ) -> list[tuple[Stored, ...]]:
        """Return what the triggers caught while the statement ran again, undone afterwards."""
        raw = self._connection.raw
        rows: list[tuple[Stored, ...]] = []
        if self._connection.streams:
            return rows  # going back behind a change of schema would end what is being read
        raw.create_scalar_function(CATCH, lambda *values: rows.append(values))
        with _undone(raw, deferred=deferred):
            if "ff_nextval(" in self._text:
                self._draw_again()
            for number, trigger in enumerate(triggers):
                raw.execute(f"CREATE TEMP TRIGGER fivefold_catch_{number} {trigger}")
            self._run_again()
        return rows

    def _run_again(self) -> None:
        self._connection.forget_touched()
        # That it fails again is what we came for.
        with suppress(apsw.ConstraintError, Violation):
            for _ in self._connection.raw.execute(self._text, tuple(self._parameters)):
                pass

    def _draw_again(self) -> None:
        """Set sequences back to where the statement found them: it moves them as far each time."""
        raw = self._connection.raw
        raw.execute("SAVEPOINT fivefold_draw")
        before = self._places()
        self._run_again()
        after = self._places()
        raw.execute("ROLLBACK TO fivefold_draw; RELEASE fivefold_draw")
        for key, last in before.items():
            if after[key] != last:
                raw.execute(_SET_BACK, (after[key] - last, *key))

    def _places(self) -> dict[tuple[str, str], int]:
        rows = self._connection.raw.execute(
            "SELECT namespace, name, last_value FROM fivefold_sequences"
        )
        return {(str(namespace), str(name)): int(str(value)) for namespace, name, value in rows}


@contextmanager
def _undone(raw: apsw.Connection, *, deferred: bool) -> Iterator[None]:
    raw.execute("SAVEPOINT fivefold_capture")
    # SET CONSTRAINTS may have said so for the whole transaction.
    deferred = deferred and not raw.execute("PRAGMA defer_foreign_keys").get
    try:
        if deferred:
            raw.execute("PRAGMA defer_foreign_keys = ON")
        yield
    finally:
        raw.execute("ROLLBACK TO fivefold_capture; RELEASE fivefold_capture")
        if deferred:
            raw.execute("PRAGMA defer_foreign_keys = OFF")


def _main(table: Table) -> str:
    return "main." + quote(table_name(table.namespace, table.name))


def _child_triggers(child: Table, key: ForeignKey, number: int) -> list[str]:
    values = [f"new.{quote(column)}" for column in key.columns]
    present = " AND ".join(f"{value} IS NOT NULL" for value in values)
    found = " AND ".join(
        f"p.{quote(column)} = {value}"
        for column, value in zip(key.target_columns, values, strict=True)
    )
    parent = quote(table_name(*key.target))
    body = (
        f"SELECT {CATCH}({number}, {', '.join(values)}) WHERE {present} "
        f"AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE {found});"
    )
    return [f"AFTER {event} ON {_main(child)} BEGIN {body} END" for event in ("INSERT", "UPDATE")]


def _parent_triggers(child: Table, key: ForeignKey, number: int) -> list[str]:
    values = [f"old.{quote(column)}" for column in key.target_columns]
    found = " AND ".join(
        f"c.{quote(column)} = {value}" for column, value in zip(key.columns, values, strict=True)
    )
    referring = quote(table_name(child.namespace, child.name))
    body = (
        f"SELECT {CATCH}({number}, {', '.join(values)}) "
        f"WHERE EXISTS (SELECT 1 FROM {referring} c WHERE {found})"
    )
    parent = "main." + quote(table_name(*key.target))
    moved = " OR ".join(
        f"old.{quote(column)} IS NOT new.{quote(column)}" for column in key.target_columns
    )
    triggers = [f"{_moment(key.on_update)} UPDATE ON {parent} BEGIN {body} AND ({moved}); END"]
    if not key.on_delete_columns:  # for what those leave behind see actions.py
        triggers.append(f"{_moment(key.on_delete)} DELETE ON {parent} BEGIN {body}; END")
    return triggers


def _moment(action: Action) -> str:
    """Say when to look: RESTRICT refuses a row before triggers that come after it."""
    return "BEFORE" if action is Action.RESTRICT else "AFTER"


def broken_anywhere(raw: apsw.Connection, catalog: Catalog) -> Broken | None:
    """Return some broken foreign key of the whole file: what a deferred check met at commit."""
    by_name = {table_name(table.namespace, table.name): table for table in catalog.tables()}
    # All at once: a statement left open would keep the snapshot, and this connection from writing.
    rows = raw.execute(
        'SELECT "table", rowid, fkid FROM pragma_foreign_key_check LIMIT ?', (BROKEN_ROWS_MAX,)
    ).fetchall()
    for name, rowid, number in rows:
        child = by_name.get(str(name))
        if child is None or rowid is None:
            continue
        columns = [
            row[3]
            for row in raw.execute(f"PRAGMA foreign_key_list({quote(str(name))})")
            if row[0] == number
        ]
        key = next((key for key in child.foreign_keys if list(key.columns) == columns), None)
        if key is None:
            continue
        listed = ", ".join(quote(column) for column in columns)
        values = raw.execute(
            f"SELECT {listed} FROM {quote(str(name))} WHERE rowid = ?", (rowid,)
        ).fetchall()
        return (child, key, values[0], True)
    return None
