"""Parses the columns and constraints of a table."""

from __future__ import annotations

from fivefold.errors import Unsupported
from fivefold.languages.sql.definitions import ColumnDefinition, Constraint, Like
from fivefold.languages.sql.parse import deferrals, expressions
from fivefold.languages.sql.parse.parts import span
from fivefold.languages.sql.parse.sequences import sequence_options
from fivefold.languages.sql.parse.stream import Stream
from fivefold.languages.sql.parse.types import type_name

_ACTIONS = ("no action", "restrict", "cascade", "set null", "set default")
_LENT = (
    "comments", "compression", "constraints", "defaults", "generated", "identity", "indexes",
    "statistics", "storage",
)  # fmt: skip
_TABLE_CONSTRAINTS = ("constraint", "primary", "unique", "foreign", "check", "exclude")


def elements(s: Stream) -> tuple[ColumnDefinition | Constraint | Like, ...]:
    """Parse ``(column …, constraint …)``."""
    s.expect_op("(")
    found: list[ColumnDefinition | Constraint | Like] = []
    if s.accept_op(")"):
        return ()
    while True:
        if s.is_word(*_TABLE_CONSTRAINTS):
            found.append(table_constraint(s))
        elif s.is_word("like"):
            found.append(_like(s))
        else:
            found.append(column_definition(s))
        if not s.accept_op(","):
            break
    s.expect_op(")")
    return tuple(found)


def _like(s: Stream) -> Like:
    s.advance()
    at = s.at
    source = s.qualified()
    including: set[str] = set()
    while s.is_word("including", "excluding"):
        add = s.value == "including"
        s.advance()
        if s.value not in (*_LENT, "all"):
            raise s.unexpected()
        what = s.label()
        named = set(_LENT) if what == "all" else {what}
        including = including | named if add else including - named
    return Like(source, frozenset(including), at)


def column_definition(s: Stream) -> ColumnDefinition:
    """Parse ``name type constraint …``."""
    at = s.at
    name = s.name()
    type_ = type_name(s)
    constraints: list[Constraint] = []
    if s.is_word("compression", "storage"):
        s.advance()
        s.label()
    while True:
        constraint = _column_constraint(s, name, constraints)
        if constraint is None:
            return ColumnDefinition(name, type_, tuple(constraints), at)
        if constraint.kind != "deferral":
            constraints.append(constraint)


def _column_constraint(s: Stream, column: str, before: list[Constraint]) -> Constraint | None:
    at = s.at
    name = s.name() if s.accept("constraint") else None
    if s.accept("collate"):
        collation = s.qualified()[-1]
        if collation not in ("C", "POSIX", "default"):
            raise s.unsupported(f'the collation "{collation}"')
        return Constraint("deferral", None, at)
    if s.accept("not", "null"):
        return Constraint("not_null", name, at)
    if s.accept("null"):
        return Constraint("null", name, at)
    if s.accept("default"):
        return Constraint("default", name, at, expression=span(s, expressions.OTHER))
    if s.is_word("check"):
        return _check(s, name, at)
    if s.accept("primary", "key"):
        return _indexed(s, Constraint("primary", name, at, ((column, at),)))
    if s.accept("unique"):
        equal = nulls_not_distinct(s)
        made = Constraint("unique", name, at, ((column, at),), nulls_not_distinct=equal)
        return _indexed(s, made)
    if s.is_word("references"):
        return _references(s, Constraint("foreign", name, at, ((column, at),)))
    if s.accept("generated"):
        return _generated(s, name, at)
    if name is not None:
        raise s.unexpected()
    return Constraint("deferral", None, at) if deferrals.of_column(s, before) else None


def nulls_not_distinct(s: Stream) -> bool:
    """Parse NULLS [NOT] DISTINCT."""
    if s.accept("nulls", "not", "distinct"):
        return True
    s.accept("nulls", "distinct")
    return False


def _indexed(s: Stream, constraint: Constraint) -> Constraint:
    if s.accept("include"):
        constraint = constraint._replace(include=s.names())
    if s.accept("with"):
        storage_options(s)
    if s.accept("using", "index", "tablespace"):
        s.name()
    return constraint


def storage_options(s: Stream) -> None:
    """Step over ``(fillfactor = 70, …)``: how the rows lie says nothing about what they are."""
    s.expect_op("(")
    depth = 1
    while depth:
        if s.kind == "end":
            raise s.unexpected()
        depth += s.is_op("(") - s.is_op(")")
        s.advance()


def _check(s: Stream, name: str | None, at: int) -> Constraint:
    s.advance()
    s.expect_op("(")
    found = span(s)
    s.expect_op(")")
    s.accept("no", "inherit")
    return Constraint("check", name, at, expression=found)


def _generated(s: Stream, name: str | None, at: int) -> Constraint:
    always = s.accept("always")
    if not always:
        s.expect("by", "default")
    s.expect("as")
    if s.accept("identity"):
        options = None
        if s.accept_op("("):
            options = sequence_options(s)
            s.expect_op(")")
        return Constraint("identity", name, at, always=always, options=options)
    if not always:
        raise s.unexpected()
    s.expect_op("(")
    found = span(s)
    s.expect_op(")")
    s.expect("stored")
    return Constraint("generated", name, at, expression=found)


def table_constraint(s: Stream) -> Constraint:
    """Parse a constraint of a whole table."""
    at = s.at
    name = s.name() if s.accept("constraint") else None
    if s.is_word("check"):
        made = _check(s, name, at)
    elif s.accept("primary", "key"):
        made = _key(s, "primary", name, at)
    elif s.accept("unique"):
        equal = nulls_not_distinct(s)
        made = _key(s, "unique", name, at)._replace(nulls_not_distinct=equal)
    elif s.accept("foreign", "key"):
        made = _references(s, Constraint("foreign", name, at, s.names()))
    elif s.is_word("exclude"):
        raise s.unsupported("EXCLUDE")
    else:
        raise s.unexpected()
    return deferrals.of_table(s, made)


def _key(s: Stream, kind: str, name: str | None, at: int) -> Constraint:
    if s.accept("using", "index"):
        return Constraint(kind, name, at, using_index=s.name())
    return _indexed(s, Constraint(kind, name, at, s.names()))


def _references(s: Stream, constraint: Constraint) -> Constraint:
    s.expect("references")
    target = s.qualified()
    columns = s.names() if s.is_op("(") else ()
    match_at = s.at
    if s.accept("match"):
        if s.is_word("partial"):
            raise Unsupported("MATCH PARTIAL not yet implemented", position=match_at + 1)
        if s.accept("full"):
            constraint = constraint._replace(match_full=True)
        else:
            s.expect("simple")
    actions = {"delete": "NO ACTION", "update": "NO ACTION"}
    listed: tuple[tuple[str, int], ...] = ()
    while s.is_word("on") and s.peek() in actions:
        at = s.at
        s.advance()
        event = s.value
        s.advance()
        actions[event] = _action(s)
        if s.is_op("(") and actions[event] in ("SET NULL", "SET DEFAULT"):
            if event == "update":
                raise Unsupported(
                    "a column list with SET NULL is only supported for ON DELETE actions",
                    position=at + 1,
                )
            listed = s.names()
    return constraint._replace(
        target=target,
        target_columns=columns,
        on_delete=actions["delete"],
        on_update=actions["update"],
        on_delete_columns=listed,
    )


def _action(s: Stream) -> str:
    for action in _ACTIONS:
        if s.accept(*action.split()):
            return action.upper()
    raise s.unexpected()
