"""LIKE in CREATE TABLE: what another table lends to a new one.

Source: the PostgreSQL manual, "CREATE TABLE", LIKE source_table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from fivefold.catalog.containers import (
    Column,
    EnumType,
    Identity,
    Index,
    Key,
    Sequence,
    Table,
    View,
)
from fivefold.errors import InvalidStatement
from fivefold.languages.sql import definitions
from fivefold.languages.sql.bind import relations
from fivefold.languages.sql.bind.state import Context, State
from fivefold.languages.sql.definitions import Constraint, SequenceOptions, Span
from fivefold.languages.sql.parse.statements import parse_expression
from fivefold.languages.sql.schema import texts
from fivefold.languages.sql.schema.columns import Draft, draft_identity
from fivefold.languages.sql.schema.indexes import part_name
from fivefold.languages.sql.schema.naming import free_name, joined


@dataclass(slots=True)
class Lent:
    """The columns, constraints and indexes of a LIKE; the indexes' names are still to be made."""

    drafts: list[Draft]
    constraints: list[Constraint]
    indexes: list[Index]


def like(
    context: Context, namespace: str, name: str, element: definitions.Like, taken: set[str]
) -> Lent:
    """Return what a LIKE brings to the table ``name``."""
    source = relations.require(State(context), element.source, element.at)
    if isinstance(source, Sequence | EnumType):
        raise InvalidStatement(
            f'relation "{source.name}" is invalid in LIKE clause', "wrong_object_type"
        )
    wanted = element.including
    drafts = [
        _draft(context, namespace, name, source, one, wanted, taken) for one in source.columns
    ]
    lent = Lent(drafts, [], [])
    if isinstance(source, Table):
        if "constraints" in wanted:
            lent.constraints += [
                _check(one.name, texts.unqualified(one.expression), element.at)
                for one in source.checks
            ]
        if "indexes" in wanted:
            lent.constraints += [_key(one, element.at) for one in source.keys]
            lent.indexes += [
                replace(texts.unqualified_index(one, source), comment=None)
                for one in source.indexes
            ]
    return lent


def _draft(
    context: Context,
    namespace: str,
    table: str,
    source: Table | View,
    column: Column,
    wanted: frozenset[str],
    taken: set[str],
) -> Draft:
    made = Column(column.name, column.type, column.not_null)
    if "comments" in wanted:
        made = replace(made, comment=column.comment)
    if column.generated is not None and "generated" in wanted:
        made = replace(made, generated=texts.unqualified(column.generated))
    if "defaults" in wanted:
        made = replace(made, default=column.default)
        if column.identity is Identity.SERIAL and column.sequence is not None:
            drawn = f"{texts.quoted(source.namespace)}.{texts.quoted(column.sequence)}"
            drawn = drawn.replace("'", "''")
            made = replace(made, default=f"nextval('{drawn}'::regclass)")
    draft = Draft(made)
    if column.identity in (Identity.ALWAYS, Identity.BY_DEFAULT) and "identity" in wanted:
        always = column.identity is Identity.ALWAYS
        drawn_from = context.catalog.find(source.namespace, column.sequence or "")
        options = None
        if isinstance(drawn_from, Sequence):
            options = SequenceOptions(
                start=drawn_from.start,
                increment=drawn_from.increment,
                minimum=drawn_from.minimum,
                maximum=drawn_from.maximum,
                cycle=drawn_from.cycle,
                cache=drawn_from.cache,
            )
        asked = Constraint("identity", None, -1, always=always, options=options)
        draft_identity(draft, namespace, table, asked, taken)
    return draft


def _check(name: str, text: str, at: int) -> Constraint:
    return Constraint("check", name, at, expression=Span(parse_expression(text), text, at))


def _key(key: Key, at: int) -> Constraint:
    return Constraint(
        "primary" if key.primary else "unique",
        None,
        at,
        tuple((column, at) for column in key.columns),
        include=tuple((column, at) for column in key.include),
        nulls_not_distinct=key.nulls_not_distinct,
        deferrable=key.deferrable,
        deferred=key.initially_deferred,
    )


def named(index: Index, table: str, taken: set[str]) -> Index:
    """Return a lent index with a name made as if none had been given."""
    names = (part_name(parse_expression(part.expression)) for part in index.parts)
    middle = joined((*names, *index.include))
    return replace(index, name=free_name(taken, table, middle, "idx"))
