"""Rows of pg_constraint, pg_description and pg_rewrite."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from fivefold.catalog.catalog import DEFAULT_NAMESPACE
from fivefold.catalog.containers import (
    Action,
    Check,
    ForeignKey,
    Key,
    Sequence,
    Table,
)
from fivefold.catalog.oids import Of, oid_of
from fivefold.languages.sql.system import texts
from fivefold.languages.sql.system.catalog import System, fixed_rows, row
from fivefold.languages.sql.system.objects import Relation
from fivefold.values.types import Row

_ACTIONS = {
    Action.NO_ACTION: "a",
    Action.RESTRICT: "r",
    Action.CASCADE: "c",
    Action.SET_NULL: "n",
    Action.SET_DEFAULT: "d",
}
CLASS, CONSTRAINT, DEFAULT, TYPE, NAMESPACE, REWRITE = 1259, 2606, 2604, 1247, 2615, 2618
EXTENSION, PLPGSQL = 3079, 13_559
Constraint = Key | ForeignKey | Check


def constraint_oid(table: Table, name: str) -> int:
    """Return a constraint's oid."""
    return oid_of(Of.CONSTRAINT, table.namespace, table.name, name)


def constraints_of(table: Table) -> Iterator[Constraint]:
    """Yield a table's constraints, in the order in which PostgreSQL makes them."""
    yield from table.checks
    yield from table.keys
    yield from table.foreign_keys


def by_oid(system: System) -> dict[int, tuple[Table, Constraint]]:
    """Return every constraint with its table, by oid."""
    return {
        constraint_oid(table, each.name): (table, each)
        for table in system.catalog.tables()
        for each in constraints_of(table)
    }


def rows(system: System) -> Iterator[Row]:
    """Yield pg_constraint."""
    for relation in system.objects.own("r"):
        table = relation.container
        assert isinstance(table, Table)
        numbers = {column.name: at for at, column in enumerate(table.columns, 1)}
        for each in constraints_of(table):
            yield _row(system, relation, table, each, numbers)


def _row(
    system: System, relation: Relation, table: Table, each: Constraint, numbers: dict[str, int]
) -> Row:
    values: dict[str, str | int | None] = {"confupdtype": " ", "confdeltype": " "}
    values["confmatchtype"] = " "
    columns = constrained(table, each)
    if isinstance(each, Key):
        values["contype"] = "p" if each.primary else "u"
        values["conindid"] = system.objects.relations[table.namespace, each.name].oid
        values["connoinherit"] = 1
    elif isinstance(each, ForeignKey):
        values |= _foreign(system, each)
        values["connoinherit"] = 1
    else:
        values["contype"] = "c"
        values["conbin"] = texts.check_mark(relation, each.name)
    if not isinstance(each, Check):
        values["condeferrable"] = int(each.deferrable)
        values["condeferred"] = int(each.initially_deferred)
    return row(
        "pg_constraint",
        oid=constraint_oid(table, each.name),
        conname=each.name,
        connamespace=system.namespace(table.namespace),
        convalidated=1,
        conrelid=relation.oid,
        conislocal=1,
        conkey=_array([numbers[name] for name in columns]) if columns else None,
        **values,
    )


def _foreign(system: System, key: ForeignKey) -> dict[str, str | int | None]:
    target = system.objects.relations.get(key.target)
    values: dict[str, str | int | None] = {
        "contype": "f",
        "confupdtype": _ACTIONS[key.on_update],
        "confdeltype": _ACTIONS[key.on_delete],
        "confmatchtype": "f" if key.match_full else "s",
    }
    if target is None or not isinstance(target.container, Table):
        return values
    table = target.container
    places = {column.name: at for at, column in enumerate(table.columns, 1)}
    values["confrelid"] = target.oid
    values["confkey"] = _array([places[name] for name in key.target_columns if name in places])
    for each in table.keys:
        if set(each.columns) == set(key.target_columns):
            values["conindid"] = system.objects.relations[table.namespace, each.name].oid
            break
    return values


def _array(numbers: list[int]) -> str:
    return f"[{','.join(map(str, numbers))}]"


def constrained(table: Table, each: Constraint) -> tuple[str, ...]:
    """Return the columns that a constraint is about."""
    return columns_in(table, each.expression) if isinstance(each, Check) else each.columns


def columns_in(table: Table, expression: str) -> tuple[str, ...]:
    """Return the columns that an expression names, in the table's order."""
    from fivefold.languages.sql.tokens import tokenize

    words = {value for kind, value, _, _ in tokenize(expression) if kind in ("word", "name")}
    return tuple(column.name for column in table.columns if column.name in words)


def descriptions(system: System) -> Iterator[Row]:
    """Yield pg_description."""
    given = _given_comments()
    for (oid, number, where), text in system.memo(comments).items():
        if (oid, number, where) in given:
            continue
        yield row("pg_description", objoid=oid, classoid=where, objsubid=number, description=text)


@cache
def _given_comments() -> dict[tuple[int, int, int], str]:
    """Return PostgreSQL's own, which are fixed rows already."""
    return {
        (int(str(oid)), int(str(number)), int(str(where))): str(text)
        for oid, where, number, text in fixed_rows()["pg_description"]
    }


def comments(system: System) -> dict[tuple[int, int, int], str]:
    """Return every comment by (oid, column's number, the oid of its system catalog)."""
    found = dict(_given_comments())

    def add(oid: int, number: int, where: int, text: str | None) -> None:
        if text is not None:
            found[oid, number, where] = text

    for name, oid in system.objects.namespaces.items():
        standard = "standard public schema" if name == DEFAULT_NAMESPACE else None
        add(oid, 0, NAMESPACE, system.catalog.comments.get(name, standard))
    for relation in system.objects.own():
        if relation.index is not None:
            comment = relation.index.comment
            add(relation.oid, 0, CLASS, comment)
            continue
        add(relation.oid, 0, CLASS, relation.container.comment)
        for number, column in enumerate(relation.columns, 1):
            add(relation.oid, number, CLASS, column.comment)
        if isinstance(relation.container, Table):
            for each in constraints_of(relation.container):
                add(constraint_oid(relation.container, each.name), 0, CONSTRAINT, each.comment)
    for oid, enum in system.objects.enums.items():
        add(oid, 0, TYPE, enum.comment)
    add(PLPGSQL, 0, EXTENSION, "PL/pgSQL procedural language")
    return found


def rules(system: System) -> Iterator[Row]:
    """Yield pg_rewrite: a view is a rule of its relation."""
    for relation in system.objects.own("v", "m"):
        assert not isinstance(relation.container, Sequence)
        yield row(
            "pg_rewrite",
            oid=oid_of(Of.REWRITE, relation.namespace, relation.name),
            rulename="_RETURN",
            ev_class=relation.oid,
            ev_type="1",
            ev_enabled="O",
            is_instead=1,
            ev_qual="<>",
            ev_action="<>",
        )
