"""Queries that the catalog keeps as text: those of views and materialized views.

A kept query means what it meant when it was made, whatever the search path is and whatever
columns its tables gain: relations stand in it with their schemas, and each ``*`` as the columns
that it stood for. Where a table or a column is renamed later, the reference follows it and goes on
under the name that the query knows, ``FROM s.new AS old (column, …)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from fivefold.catalog.changes import AlterTable, Change, CreateContainer, DropContainer
from fivefold.catalog.containers import Container, EnumType, Table, View
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind import queries
from fivefold.languages.sql.bind.nodes import Node
from fivefold.languages.sql.bind.state import Context, Notes, State
from fivefold.languages.sql.parse.statements import parse_query
from fivefold.languages.sql.schema.texts import Edits, constant, constants_in, quoted

Relation = Table | View


@dataclass(slots=True)
class Reader:
    """A view that reads a relation, and which of its columns."""

    view: Relation
    notes: Notes

    def columns(self, container: Container) -> set[str]:
        own = (container.namespace, container.name)
        return {name for *owner, name in self.notes.columns if tuple(owner) == own}


def kind(container: Container) -> str:
    """Return PostgreSQL's word for what a container is."""
    if isinstance(container, Table):
        return "table" if container.query is None else "materialized view"
    return "type" if isinstance(container, EnumType) else type(container).__name__.lower()


def noted(context: Context, text: str) -> Notes:
    """Bind a kept query and return what its names mean."""
    return bound(context, text)[0]


def bound(context: Context, text: str) -> tuple[Notes, Node]:
    """Bind a kept query; return what its names mean, and its tree."""
    state = State(context, quiet=True)
    state.notes = Notes()
    made = queries.bind_top(state, parse_query(text))
    state.notes.constants = constants_in(made.node, text)
    return state.notes, made.node


def resolved(context: Context, text: str) -> str:
    """Return the text of a query with its relations, types and stars spelled out."""
    edits = Edits(text)
    notes = noted(context, text)
    stars = {node.at: columns for node, columns in notes.stars}
    for at, columns in stars.items():
        listed = ", ".join(".".join(map(quoted, parts)) for parts in columns)
        if edits.token(at)[:2] == ("word", "table"):
            edits.put(at, f"SELECT {listed} FROM")
        else:
            edits.put(at, listed, until="*")
    for relation, container in notes.relations:
        edits.put_name(relation.at, len(relation.parts), (container.namespace, container.name))
    for at, named in notes.constants:
        edits.put(at, constant(named))
    for node in tree.walk(parse_query(text)):
        if isinstance(node, tree.TypeName) and len(node.parts) == 1:
            found = context.catalog.search(context.search_path, node.parts[0])
            if isinstance(found, EnumType):
                edits.put_name(node.at, 1, (found.namespace, found.name))
        elif isinstance(node, tree.Name) and len(node.parts) == 3 and not node.star:
            edits.put_name(node.at, 3, node.parts[1:])
    return edits.text()


def readers(context: Context, container: Container) -> list[Reader]:
    """Return the views whose queries name ``container``, older names first."""
    found = []
    own = (container.namespace, container.name)
    for other in context.catalog.containers.values():
        query = other.query if isinstance(other, Relation) else None
        if query is None or container.name.replace('"', '""') not in query:
            continue
        notes = noted(context, query)
        if any((one.namespace, one.name) == own for _, one in notes.relations):
            assert isinstance(other, Relation)
            found.append(Reader(other, notes))
    return found


def follow(
    context: Context, old: Relation, place: tuple[str, str], columns: dict[str, str]
) -> list[Change]:
    """Return the changes that make every reader of ``old`` follow it to its new name.

    ``columns`` maps old names of its columns to new ones.
    """

    def rename(notes: Notes, edits: Edits) -> None:
        for relation, container in notes.relations:
            if (container.namespace, container.name) == (old.namespace, old.name):
                _follow_one(edits, relation, old, place, columns)

    return rewritten(context, readers(context, old), rename)


def rewritten(
    context: Context, found: list[Reader], edit: Callable[[Notes, Edits], None]
) -> list[Change]:
    """Return the changes that put the edited queries in place."""
    changes: list[Change] = []
    for reader in found:
        view = reader.view
        assert view.query is not None
        edits = Edits(view.query)
        edit(reader.notes, edits)
        changed = replace(view, query=edits.text())
        if changed != view:
            changes += put_in_place(view, changed)
    return changes


def put_in_place(old: Relation, new: Relation) -> list[Change]:
    """Return the changes that put a view in place of one that has the same rows."""
    if isinstance(old, Table):
        assert isinstance(new, Table)
        return [AlterTable(old, new)]
    return [DropContainer(old), CreateContainer(new)]


def _follow_one(
    edits: Edits,
    relation: tree.Relation,
    old: Relation,
    place: tuple[str, str],
    columns: dict[str, str],
) -> None:
    edits.put_name(relation.at, len(relation.parts), place)
    alias = relation.alias
    known = () if alias is None else alias.columns
    names = [column.name for column in old.columns]
    last = max([names.index(name) for name in columns], default=-1)
    listed = ""
    if last >= len(known):
        listed = f" ({', '.join(map(quoted, [*known, *names[len(known) : last + 1]]))})"
    if alias is None:
        if listed or place[1] != relation.parts[-1]:
            edits.add_after(relation.at, f" AS {quoted(relation.parts[-1])}{listed}")
    elif listed:
        edits.put_alias_columns(relation.at, listed)
