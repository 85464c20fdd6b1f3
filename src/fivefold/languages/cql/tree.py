"""The syntax tree of CQL 3.4.

Source: "The Cassandra Query Language" of Cassandra's documentation, version 5.0. Names are as they
are kept: those that were not quoted in lower case. ``at`` counts characters of the text from 0.
A table's, type's or function's name is (keyspace, name), the keyspace None where it was left out.
"""

from __future__ import annotations

from typing import Literal as Words

from fivefold.values.records import Record

Name = tuple[str | None, str]

# Types, as they are written


class TypeName(Record):
    """A type: a word, or with ``keyspace`` possibly the name of a user type, and parameters.

    ``number`` is the dimension of a vector; a type in quotes, a class of Java's, has ``custom``.
    """

    name: str
    parameters: tuple[TypeName, ...] = ()
    frozen: bool = False
    keyspace: str | None = None
    number: int | None = None
    custom: bool = False
    at: int = 0


# Terms


class Constant(Record):
    """A literal: ``kind`` says which, ``text`` is what it says (of a string, without quotes).

    ``kind``: string, integer, float (NaN and Infinity too), boolean, uuid, hex, duration, null.
    """

    kind: Words["string", "integer", "float", "boolean", "uuid", "hex", "duration", "null"]
    text: str
    at: int = 0


class Marker(Record):
    """``?`` or ``:name``; ``number`` counts all of them in the statement from 0."""

    number: int
    name: str | None = None
    at: int = 0


class ListLiteral(Record):
    """``[a, b]``."""

    items: tuple[Term, ...]
    at: int = 0


class SetLiteral(Record):
    """``{a, b}``; ``{}`` is one too, and may mean a map."""

    items: tuple[Term, ...]
    at: int = 0


class MapLiteral(Record):
    """``{a: b}``."""

    items: tuple[tuple[Term, Term], ...]
    at: int = 0


class UserLiteral(Record):
    """``{field: a}``: a value of a user type."""

    items: tuple[tuple[str, Term], ...]
    at: int = 0


class TupleLiteral(Record):
    """``(a, b)``; one in brackets is one too."""

    items: tuple[Term, ...]
    at: int = 0


class Call(Record):
    """A function's call; ``star`` is ``count(*)``, and ``count(1)`` with its constant."""

    name: Name
    arguments: tuple[Term, ...]
    star: bool = False
    at: int = 0


class Cast(Record):
    """``CAST(a AS type)``, of selections."""

    operand: Term
    type: TypeName
    at: int = 0


class TypeHint(Record):
    """``(type) a``."""

    type: TypeName
    operand: Term
    at: int = 0


class Arithmetic(Record):
    """``a + b``: ``operator`` is one of + - * / %."""

    operator: str
    left: Term
    right: Term
    at: int = 0


class Negation(Record):
    """``-a``."""

    operand: Term
    at: int = 0


class ColumnName(Record):
    """A column, in a selection or a relation."""

    name: str
    at: int = 0


class FieldOf(Record):
    """``a.field`` of a user type, in a selection."""

    operand: Term
    field: str
    at: int = 0


class ElementOf(Record):
    """``a[key]`` of a collection."""

    operand: Term
    key: Term
    at: int = 0


class SliceOf(Record):
    """``a[low..high]`` of a collection, in a selection; either may be left out."""

    operand: Term
    low: Term | None
    high: Term | None
    at: int = 0


Term = (
    Constant
    | Marker
    | ListLiteral
    | SetLiteral
    | MapLiteral
    | UserLiteral
    | TupleLiteral
    | Call
    | Cast
    | TypeHint
    | Arithmetic
    | Negation
    | ColumnName
    | FieldOf
    | ElementOf
    | SliceOf
)

# Relations


class Relation(Record):
    """``columns operator term`` of WHERE or IF.

    ``left`` has one name, or several of ``(a, b) > (1, 2)``; with ``token`` it is ``token(a, b)``.
    ``operator``: =, <, >, <=, >=, !=, IN, CONTAINS, CONTAINS KEY, LIKE, IS NOT NULL, NOT IN,
    NOT CONTAINS, NOT CONTAINS KEY, BETWEEN (``right`` is a TupleLiteral of two). Of IN ``right`` is
    a TupleLiteral of what stands in the brackets, or a Marker. ``key`` makes the left side
    ``a[key]``, ``field`` ``a.field``.
    """

    left: tuple[ColumnName, ...]
    operator: str
    right: Term | None
    token: bool = False
    several: bool = False
    key: Term | None = None
    field: str | None = None
    at: int = 0


# SELECT


class Selector(Record):
    """What is selected, and its alias."""

    term: Term
    alias: str | None = None
    at: int = 0


class Ordering(Record):
    """One column of ORDER BY; ``ann`` is the term of ``ANN OF``."""

    column: ColumnName
    descending: bool = False
    ann: Term | None = None


class Select(Record):
    """SELECT; no ``selectors`` are ``*``."""

    table: Name
    selectors: tuple[Selector, ...] = ()
    distinct: bool = False
    json: bool = False
    where: tuple[Relation, ...] = ()
    group_by: tuple[Term, ...] = ()
    order_by: tuple[Ordering, ...] = ()
    per_partition_limit: Term | None = None
    limit: Term | None = None
    allow_filtering: bool = False


# Changes of data


class Insert(Record):
    """INSERT; with ``json`` it is INSERT JSON of that term, ``default_unset`` is DEFAULT UNSET."""

    table: Name
    columns: tuple[ColumnName, ...] = ()
    values: tuple[Term, ...] = ()
    json: Term | None = None
    default_unset: bool = False
    if_not_exists: bool = False
    timestamp: Term | None = None
    ttl: Term | None = None


class Assignment(Record):
    """``column = term`` of UPDATE; ``key`` makes it ``column[key]``, ``field`` ``column.field``.

    ``operator``: =; + (``c = c + term``, ``c += term``), - (likewise), prepend (``c = term + c``).
    """

    column: ColumnName
    operator: Words["=", "+", "-", "prepend"]
    value: Term
    key: Term | None = None
    field: str | None = None


class Update(Record):
    """UPDATE."""

    table: Name
    assignments: tuple[Assignment, ...]
    where: tuple[Relation, ...]
    conditions: tuple[Relation, ...] = ()
    if_exists: bool = False
    timestamp: Term | None = None
    ttl: Term | None = None


class Deletion(Record):
    """What DELETE takes: a column, ``column[key]`` or ``column.field``."""

    column: ColumnName
    key: Term | None = None
    field: str | None = None


class Delete(Record):
    """DELETE; no ``deletions`` are whole rows."""

    table: Name
    deletions: tuple[Deletion, ...]
    where: tuple[Relation, ...]
    conditions: tuple[Relation, ...] = ()
    if_exists: bool = False
    timestamp: Term | None = None


Modification = Insert | Update | Delete


class Batch(Record):
    """BEGIN BATCH … APPLY BATCH."""

    kind: Words["logged", "unlogged", "counter"]
    statements: tuple[Modification, ...]
    timestamp: Term | None = None
    ttl: Term | None = None


class Truncate(Record):
    """TRUNCATE."""

    table: Name


class Use(Record):
    """USE."""

    keyspace: str


# Schema

Options = tuple[tuple[str, "OptionValue"], ...]
OptionValue = Constant | MapLiteral | SetLiteral | str
"""``str`` is the word of an option such as that of CLUSTERING ORDER, kept as it was written."""


class CreateKeyspace(Record):
    """CREATE KEYSPACE."""

    name: str
    options: Options
    if_not_exists: bool = False


class AlterKeyspace(Record):
    """ALTER KEYSPACE."""

    name: str
    options: Options
    if_exists: bool = False


class DropKeyspace(Record):
    """DROP KEYSPACE."""

    name: str
    if_exists: bool = False


class ColumnDefinition(Record):
    """A column of CREATE TABLE or ALTER TABLE ADD; ``primary`` is its own PRIMARY KEY."""

    name: str
    type: TypeName
    static: bool = False
    primary: bool = False
    at: int = 0


class CreateTable(Record):
    """CREATE TABLE; ``clustering_order`` are (column, descending)."""

    name: Name
    columns: tuple[ColumnDefinition, ...]
    partition_key: tuple[str, ...]
    clustering: tuple[str, ...] = ()
    clustering_order: tuple[tuple[str, bool], ...] = ()
    compact_storage: bool = False
    options: Options = ()
    if_not_exists: bool = False


class AlterTable(Record):
    """ALTER TABLE, with what one such statement may ask for.

    ``altered`` are columns whose type is to be another, which Cassandra refuses.
    """

    name: Name
    added: tuple[ColumnDefinition, ...] = ()
    dropped: tuple[str, ...] = ()
    dropped_timestamp: Term | None = None
    renamed: tuple[tuple[str, str], ...] = ()
    altered: tuple[tuple[str, TypeName], ...] = ()
    options: Options = ()
    drops_compact_storage: bool = False
    if_exists: bool = False
    columns_if: bool = False
    """ADD IF NOT EXISTS, DROP IF EXISTS, RENAME IF EXISTS."""


class DropTable(Record):
    """DROP TABLE."""

    name: Name
    if_exists: bool = False


class CreateType(Record):
    """CREATE TYPE."""

    name: Name
    fields: tuple[tuple[str, TypeName], ...]
    if_not_exists: bool = False


class AlterType(Record):
    """ALTER TYPE."""

    name: Name
    added: tuple[tuple[str, TypeName], ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    altered: tuple[tuple[str, TypeName], ...] = ()
    if_exists: bool = False
    fields_if: bool = False


class DropType(Record):
    """DROP TYPE."""

    name: Name
    if_exists: bool = False


class CreateIndex(Record):
    """CREATE INDEX; ``target`` is values, keys, entries, full or "" for what was not said."""

    table: Name
    column: str
    target: str = ""
    name: str | None = None
    using: str | None = None
    options: Options = ()
    custom: bool = False
    if_not_exists: bool = False


class DropIndex(Record):
    """DROP INDEX."""

    name: Name
    if_exists: bool = False


class CreateView(Record):
    """CREATE MATERIALIZED VIEW; ``where_text`` is its condition as CQL, normalised."""

    name: Name
    select: Select
    partition_key: tuple[str, ...]
    clustering: tuple[str, ...] = ()
    clustering_order: tuple[tuple[str, bool], ...] = ()
    options: Options = ()
    if_not_exists: bool = False
    where_text: str = ""


class AlterView(Record):
    """ALTER MATERIALIZED VIEW."""

    name: Name
    options: Options
    if_exists: bool = False


class DropView(Record):
    """DROP MATERIALIZED VIEW."""

    name: Name
    if_exists: bool = False


class Describe(Record):
    """DESCRIBE, as the server answers it since CQL 3.4.5.

    ``what``: cluster, schema, keyspaces, keyspace, tables, table, types, type, index, functions,
    function, aggregates, aggregate, materialized view, generic. ``full`` is FULL SCHEMA.
    """

    what: str
    name: Name | None = None
    full: bool = False
    only: bool = False
    with_internals: bool = False


class Administration(Record):
    """A statement on roles, users, permissions, functions, aggregates or triggers: ``words``.

    None of them is supported yet; ``what`` names it for the error.
    """

    what: str
    words: str


Definition = (
    CreateKeyspace
    | AlterKeyspace
    | DropKeyspace
    | CreateTable
    | AlterTable
    | DropTable
    | CreateType
    | AlterType
    | DropType
    | CreateIndex
    | DropIndex
    | CreateView
    | AlterView
    | DropView
)

Statement = Select | Modification | Batch | Truncate | Use | Definition | Describe | Administration


class Parsed(Record):
    """A statement and its markers, in the order of the text."""

    statement: Statement
    markers: tuple[Marker, ...]
    text: str
