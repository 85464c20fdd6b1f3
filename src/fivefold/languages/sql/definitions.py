"""The trees of statements that the parser cannot finish without the catalog: DDL, COPY, EXPLAIN.

``Span`` is an expression or query with its own text, which the catalog keeps.
"""

from __future__ import annotations

from typing import NamedTuple

from fivefold.languages.sql import tree
from fivefold.languages.sql.commands import CopyOptions, Execute
from fivefold.plan.explain import Options

Names = tuple[str, ...]


class Span(NamedTuple):
    value: tree.Expr
    text: str
    at: int


class Constraint(NamedTuple):
    """``kind``: primary, unique, foreign, check, null, not_null, default, generated, identity."""

    kind: str
    name: str | None
    at: int
    columns: tuple[tuple[str, int], ...] = ()
    expression: Span | None = None
    target: Names = ()
    target_columns: tuple[tuple[str, int], ...] = ()
    on_delete: str = "NO ACTION"
    on_update: str = "NO ACTION"
    deferrable: bool = False
    deferred: bool = False
    always: bool = False
    options: SequenceOptions | None = None
    using_index: str | None = None
    valid: bool = True
    include: tuple[tuple[str, int], ...] = ()
    nulls_not_distinct: bool = False
    match_full: bool = False
    on_delete_columns: tuple[tuple[str, int], ...] = ()


class ColumnDefinition(NamedTuple):
    name: str
    type: tree.TypeName
    constraints: tuple[Constraint, ...]
    at: int


class Like(NamedTuple):
    """LIKE other (INCLUDING …)."""

    source: Names
    including: frozenset[str]
    at: int


class CreateTable(NamedTuple):
    name: Names
    elements: tuple[ColumnDefinition | Constraint | Like, ...]
    if_not_exists: bool
    at: int
    on_commit: str = ""


class CreateTableAs(NamedTuple):
    name: Names
    columns: tuple[tuple[str, int], ...]
    query: tree.Query
    data: bool
    if_not_exists: bool
    at: int
    materialized: str | None = None  # the query's text, which a materialized view keeps
    on_commit: str = ""


class Refresh(NamedTuple):
    name: Names
    concurrently: bool
    data: bool
    at: int


class Action(NamedTuple):
    """One action of ALTER TABLE; which fields count depends on ``kind``."""

    kind: str
    at: int
    name: str = ""
    new_name: str = ""
    column: ColumnDefinition | None = None
    constraint: Constraint | None = None
    type: tree.TypeName | None = None
    expression: Span | None = None
    exists: bool = False
    cascade: bool = False
    options: SequenceOptions | None = None


class AlterTable(NamedTuple):
    name: Names
    actions: tuple[Action, ...]
    if_exists: bool
    at: int
    what: str = "TABLE"


class Drop(NamedTuple):
    """``what``: table, view, sequence, index, schema."""

    what: str
    names: tuple[tuple[Names, int], ...]
    if_exists: bool
    cascade: bool
    at: int


class IndexElement(NamedTuple):
    expression: Span
    is_column: str | None
    descending: bool
    nulls_first: bool | None
    opclass: tuple[str, int] | None = None


class CreateIndex(NamedTuple):
    name: str | None
    table: Names
    table_at: int
    elements: tuple[IndexElement, ...]
    unique: bool
    method: str
    where: Span | None
    if_not_exists: bool
    at: int
    include: tuple[tuple[str, int], ...] = ()
    nulls_not_distinct: bool = False


class CreateSchema(NamedTuple):
    """Without a ``name`` it is that of the owner; without an ``owner`` that is whoever asks."""

    name: str | None
    if_not_exists: bool
    at: int
    owner: str | None = None
    elements: tuple[Element, ...] = ()


class Element(NamedTuple):
    """What is made with a schema, and its text."""

    node: CreateTable | CreateView | CreateIndex | CreateSequence | Grant
    text: str


class AlterSchema(NamedTuple):
    """``new_name`` is None where only the owner was named."""

    name: str
    new_name: str | None
    at: int


class CreateView(NamedTuple):
    name: Names
    columns: tuple[tuple[str, int], ...]
    query: tree.Query
    text: str
    replace: bool
    at: int
    check: str | None = None


USUAL = -(2**64)
"""Stands for NO MINVALUE, NO MAXVALUE, and RESTART without a number."""


class SequenceOptions(NamedTuple):
    """None where nothing was said."""

    type: tree.TypeName | None = None
    start: int | None = None
    increment: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    cycle: bool | None = None
    cache: int | None = None
    restart: int | None = None
    owner: Names | None = None
    name: Names | None = None  # of an identity's own sequence


class CreateSequence(NamedTuple):
    name: Names
    options: SequenceOptions
    if_not_exists: bool
    at: int


class CreateEnum(NamedTuple):
    name: Names
    labels: tuple[str, ...]
    at: int


class AlterEnum(NamedTuple):
    """``kind``: add (at the ``side`` of ``other``), relabel (to ``other``), rename, schema, owner.

    ``label`` is the label in question, or the new name, schema or owner.
    """

    name: Names
    kind: str
    label: str
    other: str
    side: str
    exists: bool
    at: int


class Comment(NamedTuple):
    """``what``: table, column, view, constraint (of ``table``), …; ``text`` None takes it away."""

    what: str
    name: Names
    table: Names
    text: str | None
    at: int


class Grant(NamedTuple):
    """GRANT or REVOKE of ``privileges`` (none: ALL). ``what``: table, sequence, schema, database or
    type; ``every``: all those of the schemas ``names``.
    """

    what: str
    names: tuple[Names, ...]
    every: bool
    tag: str
    privileges: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    at: int = 0


class Membership(NamedTuple):
    """GRANT or REVOKE of roles to or from ``members``."""

    roles: tuple[str, ...]
    members: tuple[str, ...]
    tag: str


class SetRole(NamedTuple):
    """CREATE ROLE, or ALTER ROLE; None is what was not said. ``password`` "" is PASSWORD NULL."""

    name: str
    tag: str
    superuser: bool | None = None
    login: bool | None = None
    password: str | None = None
    memberships: tuple[str, ...] = ()


class DropRole(NamedTuple):
    names: tuple[str, ...]
    if_exists: bool


class CreateExtension(NamedTuple):
    name: str
    if_not_exists: bool


class Truncate(NamedTuple):
    names: tuple[tuple[Names, int], ...]
    restart: bool
    cascade: bool
    at: int


class Copy(NamedTuple):
    """``table`` or ``query``; ``incoming`` for COPY FROM."""

    table: Names
    columns: tuple[tuple[str, int], ...] | None
    query: tree.Query | tree.Insert | tree.Update | tree.Delete | None
    incoming: bool
    options: CopyOptions
    where: tree.Expr | None
    at: int


class Explain(NamedTuple):
    """``prefix`` is the text in front of what is explained."""

    node: (
        tree.Query
        | tree.Insert
        | tree.Update
        | tree.Delete
        | Execute
        | DeclareCursor
        | CreateTableAs
    )
    options: Options
    prefix: str
    at: int


class Prepare(NamedTuple):
    name: str
    types: tuple[tree.TypeName, ...]
    text: str


class LockTable(NamedTuple):
    names: tuple[tuple[Names, int], ...]
    mode: str
    nowait: bool
    at: int


class Upkeep(NamedTuple):
    """VACUUM or ANALYZE of tables, each with columns; of all if none is named."""

    tables: tuple[tuple[Names, tuple[str, ...]], ...]
    vacuum: bool
    analyze: bool
    at: int


class DeclareCursor(NamedTuple):
    name: str
    query: tree.Query
    scroll: bool | None
    hold: bool
    binary: bool
    insensitive: bool
    at: int


Definition = (
    CreateTable
    | CreateTableAs
    | AlterTable
    | Drop
    | CreateIndex
    | CreateSchema
    | AlterSchema
    | CreateView
    | Refresh
    | CreateSequence
    | CreateEnum
    | AlterEnum
    | Comment
    | Grant
    | Membership
    | SetRole
    | DropRole
    | CreateExtension
    | Truncate
    | Copy
    | Explain
    | DeclareCursor
    | LockTable
    | Upkeep
    | Prepare
)
