"""What a statement changes: a table, or a view that is changed through to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fivefold.catalog.containers import Column, Container, Table, View
from fivefold.catalog.roles import Privilege
from fivefold.errors import InvalidStatement
from fivefold.languages.sql import foreign, tree
from fivefold.languages.sql.bind import relations
from fivefold.languages.sql.bind.scopes import Source
from fivefold.languages.sql.bind.sources import table_source
from fivefold.languages.sql.bind.state import State
from fivefold.values.records import Record

if TYPE_CHECKING:
    from fivefold.languages.sql.bind.through import Through


class Target(Record):
    """What a statement changes: ``table``, and the view that it says it changes, if it is one.

    ``shown`` is what the statement sees: the table, or the view's columns.
    """

    table: Table
    shown: Table
    view: Through | None

    def source(self, alias: str) -> Source:
        """Return the target as a source of names."""
        if self.view is None:
            return table_source(self.table, alias)
        from fivefold.languages.sql.bind.through import marked

        return marked(alias, self.view.values)


def target_of(state: State, relation: tree.Relation, verb: str, *, reads: bool) -> Target:
    """Return what a statement changes; records what it needs.

    One that ``reads`` tells of rows, or chooses by what is in them. What a view shows is changed
    with the view's privileges, as in PostgreSQL.
    """
    found = relations.require(state, relation.parts, relation.at)
    if reads:
        state.access(found.namespace, found.name, Privilege.READ)
    if not isinstance(found, View):
        table = target_table(state, relation, found)
        return Target(table, table, None)
    from fivefold.languages.sql.bind.through import through

    view = through(state, found, verb, relation)
    state.access(found.namespace, found.name, Privilege.WRITE)
    return Target(view.table, view.shown(verb), view)


def target_table(state: State, relation: tree.Relation, found: Container) -> Table:
    """Return a container that is a table whose rows may be changed; records what that needs."""
    if not isinstance(found, Table):
        raise InvalidStatement(
            f'cannot change sequence "{found.name}"', "wrong_object_type", position=relation.at + 1
        )
    if found.query is not None:
        raise InvalidStatement(
            f'cannot change materialized view "{found.name}"', "wrong_object_type"
        )
    foreign.refuse_change(found, relation.at + 1)
    state.access(found.namespace, found.name, Privilege.WRITE)
    return found


def alias_of(relation: tree.Relation, table: Table) -> str:
    """Return the name by which the statement speaks of it."""
    return relation.alias.name if relation.alias is not None else table.name


def column_of(table: Table, name: str, at: int) -> Column:
    """Return a column by name. Raises InvalidStatement if there is none."""
    found = table.column(name)
    if found is None:
        raise InvalidStatement(
            f'column "{name}" of relation "{table.name}" does not exist',
            "undefined_column",
            position=at + 1,
        )
    return found
