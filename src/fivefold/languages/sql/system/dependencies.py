"""Rows of pg_depend: what has to be there before what, as PostgreSQL 15 writes them down.

Left out are what PostgreSQL keeps for itself alone: toast tables and foreign keys' triggers.
Source: the PostgreSQL manual, 53.18 "pg_depend", and what a server has of the same objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fivefold.catalog.containers import (
    Check,
    Column,
    ForeignKey,
    Identity,
    Index,
    Key,
    Sequence,
    Table,
    View,
)
from fivefold.catalog.oids import Of, oid_of
from fivefold.errors import FivefoldError
from fivefold.languages.sql.parse.statements import parse_expression
from fivefold.languages.sql.schema.stored import bound
from fivefold.languages.sql.schema.texts import bind_part, sequences_of
from fivefold.languages.sql.system import constraints, texts
from fivefold.languages.sql.system.catalog import System
from fivefold.languages.sql.system.constraints import (
    CLASS,
    CONSTRAINT,
    DEFAULT,
    NAMESPACE,
    REWRITE,
    TYPE,
    columns_in,
    constraint_oid,
    constraints_of,
)
from fivefold.languages.sql.system.objects import Relation, part_column
from fivefold.languages.sql.system.relations import default_oid, has_default
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.types import Kind, Row, Type


class Place(NamedTuple):
    """One object: the system catalog it is in, its oid, a column's number or 0."""

    catalog: int
    oid: int
    column: int = 0


def rows(system: System) -> Iterator[Row]:
    """Yield pg_depend."""
    for one, other, kind in dict.fromkeys(_all(system)):
        yield (*one, *other, kind)


Dependency = tuple[Place, Place, str]


def _all(system: System) -> Iterator[Dependency]:
    yield from _types(system)
    for relation in system.objects.own():
        container = relation.container
        if relation.index is not None:
            yield from _index(system, relation, relation.index)
            continue
        namespace = Place(NAMESPACE, system.namespace(relation.namespace))
        yield Place(CLASS, relation.oid), namespace, "n"
        for number, column in enumerate(relation.columns, 1):
            for type_ in _enums(system, [column.type]):
                yield Place(CLASS, relation.oid, number), type_, "n"
        if isinstance(container, Sequence):
            yield from _owned(system, relation, container)
        elif relation.kind == "r":
            assert isinstance(container, Table)
            yield from _defaults(system, relation, container)
            for constraint in constraints_of(container):
                yield from _constraint(system, relation, container, constraint)
        else:
            yield from _rule(system, relation)


def _types(system: System) -> Iterator[Dependency]:
    types = system.objects.types
    for (namespace, name), oid in types.items():
        array = types.get((namespace, f"_{name}"))
        if array is None:
            continue
        yield Place(TYPE, array), Place(TYPE, oid), "i"
        if oid in system.objects.enums:
            yield Place(TYPE, oid), Place(NAMESPACE, system.namespace(namespace)), "n"
        else:
            relation = system.objects.relations[namespace, name]
            yield Place(TYPE, oid), Place(CLASS, relation.oid), "i"


def _enums(system: System, types: Iterable[Type]) -> Iterator[Place]:
    """Yield the database's own types among these."""
    for type_ in types:
        element = type_ if type_.element is None else type_.element
        if element.kind is Kind.ENUM and element.name is not None:
            namespace, name = element.name
            name = name if type_.element is None else f"_{name}"
            found = system.objects.types.get((namespace, name))
            if found is not None:
                yield Place(TYPE, found)


def _used_types(system: System, table: Table, texts_: Iterable[str]) -> Iterator[Place]:
    """Yield the types that expressions over a table's row name or have values of."""
    if not system.objects.enums:
        return
    context = texts.context(system, texts.PUBLIC)
    for text in texts_:
        try:
            made = bind_part(context, table, parse_expression(text), "expressions")
        except FivefoldError:  # it may speak of what is gone
            continue
        given = [type_of(node) for node in made.walk() if isinstance(node, exp.Cast | exp.Literal)]
        yield from _enums(system, given)


def _owned(system: System, relation: Relation, sequence: Sequence) -> Iterator[Dependency]:
    if sequence.owner is None:
        return
    owner = system.objects.relations.get((sequence.namespace, sequence.owner[0]))
    for number, column in enumerate(() if owner is None else owner.columns, 1):
        if owner is not None and column.name == sequence.owner[1]:
            kind = "i" if column.identity in (Identity.ALWAYS, Identity.BY_DEFAULT) else "a"
            yield Place(CLASS, relation.oid), Place(CLASS, owner.oid, number), kind


def _defaults(system: System, relation: Relation, table: Table) -> Iterator[Dependency]:
    for number, column in enumerate(table.columns, 1):
        if not has_default(column):
            continue
        own = Place(DEFAULT, default_oid(relation, column))
        kind = "a" if column.generated is None else "i"
        yield own, Place(CLASS, relation.oid, number), kind
        for other in _needed(system, relation, table, column):
            yield own, other, "n"


def _needed(system: System, relation: Relation, table: Table, column: Column) -> Iterator[Place]:
    """Yield what a column's default speaks of."""
    if column.generated is not None:
        for name in columns_in(table, column.generated):
            yield _column(relation, table, name)
        yield from _used_types(system, table, [column.generated])
        return
    named: set[tuple[str, str]] = set()
    if column.identity is Identity.SERIAL and column.sequence is not None:
        named.add((table.namespace, column.sequence))
    elif column.default is not None:
        if "nextval" in column.default:
            named = sequences_of(texts.context(system, texts.PUBLIC), column.default)
        yield from _used_types(system, table, [column.default])
        yield from _enums(system, [column.type])
    for key in sorted(named):
        found = system.objects.relations.get(key)
        if found is not None:
            yield Place(CLASS, found.oid)


def _column(relation: Relation, table: Table, name: str) -> Place:
    numbers = (at for at, column in enumerate(table.columns, 1) if column.name == name)
    return Place(CLASS, relation.oid, next(numbers))


def _constraint(
    system: System, relation: Relation, table: Table, each: constraints.Constraint
) -> Iterator[Dependency]:
    own = Place(CONSTRAINT, constraint_oid(table, each.name))
    if isinstance(each, Check):
        columns = columns_in(table, each.expression)
        for name in columns:
            yield own, _column(relation, table, name), "n"
        for type_ in _used_types(system, table, [each.expression]):
            yield own, type_, "n"
    else:
        columns = (*each.columns, *(each.include if isinstance(each, Key) else ()))
    for name in columns:
        yield own, _column(relation, table, name), "a"
    if not columns:
        yield own, Place(CLASS, relation.oid), "a"
    if isinstance(each, ForeignKey):
        yield from _foreign(system, own, each)


def _foreign(system: System, own: Place, key: ForeignKey) -> Iterator[Dependency]:
    target = system.objects.relations.get(key.target)
    if target is None or not isinstance(target.container, Table):
        return
    for name in key.target_columns:
        yield own, _column(target, target.container, name), "n"
    for other in target.container.keys:
        if set(other.columns) == set(key.target_columns):
            index = system.objects.relations[target.namespace, other.name]
            yield own, Place(CLASS, index.oid), "n"
            return


def _index(system: System, relation: Relation, index: Index) -> Iterator[Dependency]:
    own, table = Place(CLASS, relation.oid), relation.container
    assert isinstance(table, Table)
    owner = system.objects.relations[table.namespace, table.name]
    if relation.key is not None:
        yield own, Place(CONSTRAINT, constraint_oid(table, relation.key.name)), "i"
        return
    texts_ = [part.expression for part in index.parts if part_column(table, part) is None]
    if index.where is not None:
        texts_.append(index.where)
    columns = [part.expression for part in index.parts if part_column(table, part) is not None]
    columns += index.include
    columns += [name for text in texts_ for name in columns_in(table, text)]
    for name in columns:
        yield own, _column(owner, table, name), "a"
    if not columns:
        yield own, Place(CLASS, owner.oid), "a"
    for type_ in _used_types(system, table, texts_):
        yield own, type_, "n"


class Reading(NamedTuple):
    """What a view's query reads: (namespace, name) of relations, columns of them, types."""

    relations: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str, str], ...]
    types: tuple[Type, ...]


def readings(system: System) -> dict[tuple[str, str], Reading]:
    """Return what each view and materialized view reads, by its name."""
    context = texts.context(system, texts.PUBLIC)
    found = {}
    for relation in system.objects.own("v", "m"):
        view = relation.container
        assert isinstance(view, View | Table)
        assert view.query is not None
        notes, made = bound(context, view.query)
        named = {(each.namespace, each.name): None for _, each in notes.relations}
        own = [each for each in made.walk() if isinstance(each, exp.Cast | exp.Literal)]
        found[relation.namespace, relation.name] = Reading(
            tuple(named), tuple(sorted(notes.columns)), tuple(type_of(each) for each in own)
        )
    return found


def _rule(system: System, relation: Relation) -> Iterator[Dependency]:
    """Yield what a view's rule needs: the view, and what its query reads."""
    own = Place(REWRITE, oid_of(Of.REWRITE, relation.namespace, relation.name))
    yield own, Place(CLASS, relation.oid), "i"
    yield own, Place(CLASS, relation.oid), "n"
    reading = system.memo(readings)[relation.namespace, relation.name]
    whole = set(reading.relations)
    for namespace, name, column in reading.columns:
        whole.discard((namespace, name))
        found = system.objects.relations.get((namespace, name))
        if found is not None:
            at = next(at for at, each in enumerate(found.columns, 1) if each.name == column)
            yield own, Place(CLASS, found.oid, at), "n"
    for key in reading.relations:
        found = system.objects.relations.get(key)
        if found is not None and key in whole:
            yield own, Place(CLASS, found.oid), "n"
    for type_ in _enums(system, reading.types):
        yield own, type_, "n"
