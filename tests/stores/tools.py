"""Statements and tables in few words, for the tests of the stores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.changes import AlterTable, Bound, Change, CreateContainer
from fivefold.catalog.containers import Check, Column, ForeignKey, Index, Key, Table
from fivefold.errors import FivefoldError
from fivefold.plan.statement import Statement, Template
from fivefold.stores.contract import Connection, Store
from fivefold.values.names import type_named
from fivefold.values.types import Row, Stored, Type, array_of


def column(text: str) -> Column:
    """Return the column that ``"name type [not null]"`` describes."""
    name, _, rest = text.partition(" ")
    not_null = rest.endswith(" not null")
    return Column(name, type_of(rest.removesuffix(" not null")), not_null)


def type_of(text: str) -> Type:
    """Return the type that SQL calls ``varchar(10)`` or ``int4[]``."""
    name, _, modifiers = text.removesuffix("[]").partition("(")
    numbers = tuple(int(each) for each in modifiers.rstrip(")").split(",") if each)
    found = type_named(name, numbers)
    assert found is not None, text
    return array_of(found) if text.endswith("[]") else found


def table(
    name: str,
    *columns: str,
    key: str = "",
    unique: Sequence[Key] = (),
    foreign: Sequence[ForeignKey] = (),
    checks: Sequence[Check] = (),
    indexes: Sequence[Index] = (),
) -> Table:
    """Return a table; ``name`` may begin with its namespace, ``key`` lists the primary key."""
    namespace, _, short = name.rpartition(".")
    keys = [Key(f"{short}_pkey", tuple(key.split()), primary=True)] if key else []
    return Table(
        namespace or "public",
        short,
        tuple(column(each) for each in columns),
        (*keys, *unique),
        tuple(foreign),
        tuple(checks),
        tuple(indexes),
    )


def reference(child: str, column: str, parent: str, to: str, **options: object) -> ForeignKey:
    namespace, _, name = parent.rpartition(".")
    key = ForeignKey(f"{child}_{column}_fkey", (column,), (namespace or "public", name), (to,))
    return replace(key, **options)  # type: ignore[arg-type]


class Talk:
    """A connection and its store: ``say`` prepares and runs a template in one go.

    ``{name}`` is the table of that name as the catalog has it now.
    """

    def __init__(self, store: Store, connection: Connection) -> None:
        self.store = store
        self.on = connection
        self._known: Catalog | None = None

    def catalog(self) -> Catalog:
        return self.on.load_catalog()

    def _tables(self) -> dict[str, Table]:
        if self._known is None or self._known.version != self.on.catalog_version():
            self._known = self.catalog()
        return {each.name: each for each in self._known.tables()}

    def table(self, name: str) -> Table:
        namespace, _, short = name.rpartition(".")
        found = self.catalog().find(namespace or "public", short)
        assert isinstance(found, Table), name
        return found

    def statement(self, text: str, *types: Type) -> Statement:
        tables = self._tables() if "{" in text else {}
        named = {name: one for name, one in tables.items() if "{" + name + "}" in text}
        writes = not text.lstrip().upper().startswith(("SELECT", "WITH"))
        return Statement(
            Template(text, {name: (one.namespace, one.name) for name, one in named.items()}),
            parameters=types,
            writes=writes,
            target=next((named[name] for name in named), None) if writes else None,
        )

    def say(self, text: str, *values: Stored, types: Sequence[Type] = ()) -> list[Row]:
        return self.on.run(self.store.prepare(self.statement(text, *types)), values)

    def change(self, *changes: Change) -> None:
        """Carry out changes in one transaction, or in the one that is open."""
        own = not self.on.in_transaction
        if own:
            self.on.begin(write=True)
        try:
            for change in changes:
                self.on.change_schema(change, self.catalog())
        except BaseException:
            if own:
                self.on.rollback()
            raise
        if own:
            self.on.commit()

    def create(self, *tables: Table, bound: Bound | None = None) -> None:
        self.change(*(CreateContainer(each, bound or {}) for each in tables))

    def alter(
        self,
        which: str,
        /,
        *,
        renamed: Sequence[tuple[str, str]] = (),
        using: Bound | None = None,
        bound: Bound | None = None,
        **fields: object,
    ) -> Table:
        old = self.table(which)
        new = replace(old, **fields)  # type: ignore[arg-type]
        self.change(AlterTable(old, new, tuple(renamed), using or {}, bound or {}))
        return new

    def rows(self, name: str, order: str = "1") -> list[Row]:
        """Return all rows of a table, by the columns that the catalog has."""
        listed = ", ".join(f'"{each.name}"' for each in self.table(name).columns)
        short = name.rpartition(".")[2]
        return self.say(f"SELECT {listed} FROM {{{short}}} ORDER BY {order}")


@contextmanager
def fails(code: str) -> Iterator[pytest.ExceptionInfo[FivefoldError]]:
    """Expect an error of ours with this code."""
    with pytest.raises(FivefoldError) as caught:
        yield caught
    assert caught.value.code == code, caught.value
