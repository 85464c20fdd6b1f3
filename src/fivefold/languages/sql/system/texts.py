"""Definitions as text, printed as PostgreSQL prints them; each is printed once for a catalog.

The relations keep expressions as marks of whose they are, where PostgreSQL keeps trees: printing
one takes a millisecond, and most are never asked for. ``expression`` reads the marks.
"""

from __future__ import annotations

from collections.abc import Callable

from fivefold.catalog.containers import Check, Column, ForeignKey, Index, Key, Table, View
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.deparse import definitions
from fivefold.languages.sql.system.catalog import System
from fivefold.languages.sql.system.objects import Relation

Path = tuple[str, ...]
PUBLIC: Path = ("public",)


def context(system: System, path: Path) -> Context:
    """Return what the meaning of names depends on."""
    return Context(system.catalog, system.database, path, system.user)


def _once(system: System, key: tuple[object, ...], make: Callable[[], str | None]) -> str | None:
    known = system.texts
    if key not in known:
        known[key] = make()
    return known[key]


# -- marks ----------------------------------------------------------------------------------------


def default_mark(relation: Relation, number: int) -> str:
    """Return what pg_attrdef.adbin holds for a column."""
    return f"{{DEFAULT {relation.oid} {number}}}"


def check_mark(relation: Relation, name: str) -> str:
    """Return what pg_constraint.conbin holds for a check."""
    return f"{{CHECK {relation.oid} {name}}}"


def parts_mark(relation: Relation) -> str:
    """Return what pg_index.indexprs holds for an index."""
    return f"{{PARTS {relation.oid} 0}}"


def condition_mark(relation: Relation) -> str:
    """Return what pg_index.indpred holds for an index."""
    return f"{{CONDITION {relation.oid} 0}}"


def expression(system: System, path: Path, mark: str, *, pretty: bool = False) -> str | None:
    """Return the expression that a mark stands for, as pg_get_expr prints it."""
    return _once(
        system, (mark, path, pretty), lambda: _expression(system, path, mark, pretty=pretty)
    )


def _expression(system: System, path: Path, mark: str, *, pretty: bool) -> str | None:
    kind, _, rest = mark.strip("{}").partition(" ")
    oid, _, what = rest.partition(" ")
    found = system.relation(int(oid)) if oid.isdecimal() else None
    if found is None or not isinstance(found.container, Table):
        return None
    table = found.container
    if kind == "DEFAULT":
        column = table.columns[int(what) - 1]
        return definitions.column_default(context(system, path), table, column, pretty=pretty)
    if kind == "CHECK":
        check = next(each for each in table.checks if each.name == what)
        text = definitions.constraint_definition(context(system, path), table, check, pretty=pretty)
        return text.removeprefix("CHECK (").removesuffix(")")
    index = found.index
    assert index is not None
    if kind == "CONDITION":
        text = definitions.index_definition(context(system, path), table, index, pretty=pretty)
        return text.partition(" WHERE ")[2]
    return ", ".join(
        definitions.index_definition(context(system, path), table, index, at, pretty=pretty)
        for at, part in enumerate(index.parts, 1)
        if table.column(part.expression) is None
    )


# -- definitions ----------------------------------------------------------------------------------


def default(system: System, table: Table, column: Column) -> str | None:
    """Return a column's default or generation expression; None if it has neither."""
    return _once(
        system,
        ("default", table.namespace, table.name, column.name),
        lambda: definitions.column_default(context(system, PUBLIC), table, column),
    )


def constraint(
    system: System,
    path: Path,
    table: Table,
    found: Key | ForeignKey | Check,
    *,
    pretty: bool = False,
) -> str | None:
    """Return a constraint as pg_get_constraintdef prints it."""
    return _once(
        system,
        ("constraint", table.namespace, table.name, found.name, path, pretty),
        lambda: definitions.constraint_definition(
            context(system, path), table, found, pretty=pretty
        ),
    )


def index(
    system: System,
    path: Path,
    table: Table,
    found: Index | Key,
    number: int = 0,
    *,
    pretty: bool = False,
) -> str | None:
    """Return the CREATE INDEX that pg_get_indexdef prints, or one part, counted from 1."""
    return _once(
        system,
        ("index", table.namespace, found.name, number, path, pretty),
        lambda: definitions.index_definition(
            context(system, path), table, found, number, pretty=pretty
        ),
    )


def view(system: System, path: Path, found: View | Table, *, pretty: bool = False) -> str | None:
    """Return a view's query as pg_get_viewdef prints it."""
    return _once(
        system,
        ("view", found.namespace, found.name, path, pretty),
        lambda: definitions.view_definition(context(system, path), found, pretty=pretty),
    )
