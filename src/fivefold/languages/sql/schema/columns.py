"""Turns column definitions into the catalog's columns: serial, identity, defaults, generated."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from fivefold.catalog.containers import Column, Identity, Sequence
from fivefold.errors import InvalidState, InvalidStatement, InvalidValue, Unsupported
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind.casts import bare
from fivefold.languages.sql.bind.defaults import fits
from fivefold.languages.sql.bind.names import named_type
from fivefold.languages.sql.bind.scopes import Scope
from fivefold.languages.sql.bind.state import Context, State
from fivefold.languages.sql.definitions import (
    ColumnDefinition,
    Constraint,
    Names,
    SequenceOptions,
    Span,
)
from fivefold.languages.sql.schema.naming import free_name
from fivefold.languages.sql.schema.sequences import make_sequence
from fivefold.languages.sql.schema.texts import resolved
from fivefold.plan.statement import type_of
from fivefold.values.types import INT2, INT4, INT8, INTEGERS

_SERIALS = {
    "serial": INT4, "serial4": INT4, "bigserial": INT8, "serial8": INT8, "smallserial": INT2,
    "serial2": INT2,
}  # fmt: skip
COLUMNS_MAX = 1600


@dataclass(slots=True)
class Draft:
    """One column as it is made, with what it brings along."""

    column: Column
    sequence: Sequence | None = None
    constraints: list[Constraint] = field(default_factory=list)


def draft_column(
    context: Context, namespace: str, table: str, node: ColumnDefinition, taken: set[str]
) -> Draft:
    """Return the column of a definition; ``taken`` holds the namespace's names."""
    serial = _SERIALS.get(node.type.parts[0]) if len(node.type.parts) == 1 else None
    if serial is not None:
        if node.type.dimensions:
            raise Unsupported("array of serial is not implemented", position=node.type.at + 1)
        type_ = serial
    else:
        type_ = named_type(node.type, context)
    draft = Draft(Column(node.name, type_))
    if serial is not None:
        draft.column = replace(draft.column, not_null=True, identity=Identity.SERIAL)
        _draw(draft, namespace, table, SequenceOptions(), taken)
    nullable = False
    for constraint in node.constraints:
        nullable = nullable or constraint.kind == "null"
        _apply(context, draft, namespace, table, constraint, taken)
    if nullable and (draft.column.not_null or any(c.kind == "primary" for c in draft.constraints)):
        raise InvalidStatement(
            f'conflicting NULL/NOT NULL declarations for column "{node.name}" of table "{table}"',
            position=node.at + 1,
        )
    return draft


def _apply(
    context: Context,
    draft: Draft,
    namespace: str,
    table: str,
    constraint: Constraint,
    taken: set[str],
) -> None:
    column, kind = draft.column, constraint.kind
    if kind == "not_null":
        draft.column = replace(column, not_null=True)
    elif kind == "default":
        if column.default is not None or column.identity is Identity.SERIAL:
            raise InvalidStatement(
                f'multiple default values specified for column "{column.name}" of table "{table}"',
                position=constraint.at + 1,
            )
        assert constraint.expression is not None
        _refuse_both(draft, "default", table, constraint.at)
        draft.column = with_default(context, column, constraint.expression)
    elif kind == "generated":
        assert constraint.expression is not None
        _refuse_both(draft, "generated", table, constraint.at)
        draft.column = replace(column, generated=resolved(context, constraint.expression.text))
    elif kind == "identity":
        _refuse_both(draft, "identity", table, constraint.at)
        draft_identity(draft, namespace, table, constraint, taken)
    elif kind != "null":
        draft.constraints.append(constraint)


def _refuse_both(draft: Draft, what: str, table: str, at: int) -> None:
    column = draft.column
    before = (
        "default" if column.default is not None
        else "identity" if column.identity is not None
        else "generated" if column.generated is not None
        else None
    )  # fmt: skip
    if before is None:
        return
    words: dict[frozenset[str], str] = {
        frozenset({"default", "identity"}): "both default and identity",
        frozenset({"default", "generated"}): "both default and generation expression",
        frozenset({"identity", "generated"}): "both identity and generation expression",
    }
    shown = words.get(frozenset({before, what}), f"multiple {what} values")
    raise InvalidStatement(
        f'{shown} specified for column "{column.name}" of table "{table}"', position=at + 1
    )


def draft_identity(
    draft: Draft, namespace: str, table: str, constraint: Constraint, taken: set[str]
) -> None:
    """Make the column an identity with a sequence of its own."""
    if draft.column.type.kind not in INTEGERS:
        raise InvalidValue("identity column type must be smallint, integer, or bigint")
    identity = Identity.ALWAYS if constraint.always else Identity.BY_DEFAULT
    draft.column = replace(draft.column, identity=identity, not_null=True)
    _draw(draft, namespace, table, constraint.options or SequenceOptions(), taken)


def _draw(
    draft: Draft, namespace: str, table: str, options: SequenceOptions, taken: set[str]
) -> None:
    if options.name is None:
        name = free_name(taken, table, draft.column.name, "seq")
    else:
        name = _sequence_name(options.name, namespace, taken)
    made = make_sequence(namespace, name, options, draft.column.type)
    draft.sequence = replace(made, owner=(table, draft.column.name))
    draft.column = replace(draft.column, sequence=name)


def _sequence_name(parts: Names, namespace: str, taken: set[str]) -> str:
    """Return the name that SEQUENCE NAME gives; the sequence lies beside its table."""
    if parts[:-1] not in ((), (namespace,)):
        raise InvalidState(
            "sequence must be in same schema as table it is linked to",
            "object_not_in_prerequisite_state",
        )
    if parts[-1] in taken:
        raise InvalidStatement(f'relation "{parts[-1]}" already exists', "duplicate_table")
    taken.add(parts[-1])
    return parts[-1]


def with_default(context: Context, column: Column, span: Span) -> Column:
    """Return the column with a default, checked against its type; DEFAULT NULL is none."""
    import fivefold.languages.sql.bind.expressions as expressions
    from fivefold.languages.sql.bind.defaults import assigned

    if isinstance(span.value, tree.Const) and span.value.kind == "null":
        return replace(column, default=None)
    state = State(context, quiet=True)
    refuse_columns(span.value)
    bound = expressions.bind(Scope(state, clause="DEFAULT expressions"), span.value)
    if not fits(type_of(bound), column.type):
        raise InvalidStatement(
            f'column "{column.name}" is of type {bare(column.type)} but default expression is of '
            f"type {type_of(bound)}",
            "datatype_mismatch",
            hint="You will need to rewrite or cast the expression.",
        )
    assigned(state, bound, column.type)
    return replace(column, default=resolved(context, span.text))


def refuse_columns(node: tree.Expr) -> None:
    """Raise Unsupported if a default names a column or holds a query."""
    for part in tree.walk(node):
        if isinstance(part, tree.Name):
            raise Unsupported(
                "cannot use column reference in DEFAULT expression", position=part.at + 1
            )
        if isinstance(part, tree.Scalar | tree.Exists | tree.ArrayQuery):
            raise Unsupported("cannot use subquery in DEFAULT expression", position=part.at + 1)
