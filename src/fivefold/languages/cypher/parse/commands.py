"""Parses commands for indexes, constraints and databases.

Source: the Neo4j Cypher Manual 5, "Indexes: syntax", "Constraints: syntax"; the Neo4j Operations
Manual 5, "Database administration: standard databases".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from fivefold.errors import FivefoldError
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.parse import atoms, showing
from fivefold.languages.cypher.parse.stream import Stream
from fivefold.languages.cypher.parse.tokens import NUMBER, PARAMETER, STRING
from fivefold.languages.cypher.parse.types import value_type
from fivefold.languages.cypher.tree import Command, Expression
from fivefold.values.graph.faults import fault

INDEX_KINDS = frozenset({"RANGE", "TEXT", "POINT", "LOOKUP", "FULLTEXT", "VECTOR", "BTREE"})
_NOT_YET = {
    "FULLTEXT": "Use CONTAINS or STARTS WITH in WHERE.",
    "VECTOR": "Compute the similarity in a query, or keep the vectors in a database for them.",
    "POINT": "Points are not supported: index two numbers, such as latitude and longitude.",
    "BTREE": "Create a range index: CREATE INDEX name FOR (n:Label) ON (n.property).",
}
_ADMINISTRATION = {
    "USER": "Users are those of the server.",
    "ROLE": "Grant access to the server's users.",
    "ALIAS": "Name the database itself.",
    "COMPOSITE": "Ask each database on its own.",
}
_VERBS = {
    "ALTER": "Create what is wanted and drop the other.",
    "GRANT": "Rights are those of the server's users.",
    "REVOKE": "Rights are those of the server's users.",
    "DENY": "Rights are those of the server's users.",
    "RENAME": "Create what is wanted and drop the other.",
    "TERMINATE": "Close the connection whose transaction it is.",
    "START": "A database is always there once it is created.",
    "STOP": "A database is always there until it is dropped.",
    "ENABLE": "There is one server.",
    "DEALLOCATE": "There is one server.",
    "REALLOCATE": "There is one server.",
}


class _Subject(NamedTuple):
    """What a schema command is for: ``(variable:label)`` or ``()-[variable:label]-()``."""

    variable: str
    label: str
    relationship: bool


def command(s: Stream) -> Command | None:
    """Parse a command of ``COMMANDS``; None if it is a query that begins with the same word."""
    return COMMANDS[s.mark](s)


def _create(s: Stream) -> Command | None:
    at, following = s.at, s.peek()
    replace = following == "OR" and s.peek(2) == "REPLACE"
    ahead = 3 if replace else 1
    what = s.peek(ahead)
    if s.peek(ahead + 1) == "=" or not s.is_name(ahead):
        return None
    if what in _ADMINISTRATION:
        s.go_to(s.index + ahead)
        raise s.unsupported(f"CREATE {what}", _ADMINISTRATION[what], at)
    if what == "DATABASE":
        s.go_to(s.index + ahead + 1)
        return _create_database(s, replace, at)
    if replace:
        s.go_to(s.index + 1)
        hint = "Write IF NOT EXISTS, or drop it first."
        raise s.unsupported("OR REPLACE of an index or constraint", hint)
    if what == "CONSTRAINT":
        s.go_to(s.index + 2)
        return _create_constraint(s, at)
    kind = "range"
    if what in INDEX_KINDS and s.peek(2) == "INDEX":
        s.advance()
        if what in _NOT_YET:
            raise s.unsupported(f"a {what.lower()} index", _NOT_YET[what])
        kind = what.lower()
    elif what != "INDEX":
        return None
    s.go_to(s.index + 2)
    return _create_index(s, kind, at)


def _create_index(s: Stream, kind: str, at: int) -> Command:
    name, if_not_exists = _name_and_condition(s)
    if s.mark == "ON":
        raise _old_form(s, "CREATE INDEX name FOR (n:Label) ON (n.property)")
    subject = _for(s, labelled=kind != "lookup")
    s.expect("ON")
    if kind == "lookup":
        s.accept("EACH")
        wanted = "TYPE" if subject.relationship else "LABELS"
        s.expect(wanted, "(")
        _same_variable(s, subject)
        s.expect(")")
        properties: tuple[str, ...] = ()
    else:
        properties = _properties(s, subject)
    options = _options(s)
    return tree.CreateIndex(
        name, kind, subject.relationship, subject.label, properties, if_not_exists, options, at
    )


def _create_constraint(s: Stream, at: int) -> Command:
    new = "CREATE CONSTRAINT name FOR (n:Label) REQUIRE n.property IS UNIQUE"
    name, if_not_exists = _name_and_condition(s)
    if s.mark == "ON":
        raise _old_form(s, new)
    subject = _for(s)
    if s.mark == "ASSERT":
        raise _old_form(s, new)
    s.expect("REQUIRE")
    if s.mark == "EXISTS" and s.peek() == "(":
        raise _old_form(s, new.replace("IS UNIQUE", "IS NOT NULL"))
    properties = _properties(s, subject)
    kind, type = _requirement(s, subject)
    options = _options(s)
    return tree.CreateConstraint(
        *(name, kind, subject.relationship, subject.label, properties),
        *(type, if_not_exists, options, at),
    )


def _requirement(s: Stream, subject: _Subject) -> tuple[str, str | None]:
    """Parse what follows IS: the kind of constraint, and the type if that is required."""
    if s.accept("::"):
        return "type", value_type(s)
    s.expect("IS")
    if s.accept("NOT"):
        s.expect("NULL")
        return "exists", None
    if s.mark == "::" or s.mark == "TYPED":
        s.advance()
        return "type", value_type(s)
    for_relationships = s.mark in ("RELATIONSHIP", "REL")
    if (for_relationships or s.mark == "NODE") and for_relationships != subject.relationship:
        raise s.unexpected("RELATIONSHIP" if subject.relationship else "NODE")
    if for_relationships or s.mark == "NODE":
        s.advance()
    kind = {"UNIQUE": "unique", "KEY": "key"}.get(s.mark)
    if kind is None:
        raise s.unexpected("UNIQUE", "KEY", "NOT NULL", "'::'")
    s.advance()
    return kind, None


def _name_and_condition(s: Stream) -> tuple[str | None, bool]:
    """Parse ``[name] [IF NOT EXISTS]``."""
    name = None
    if s.mark == PARAMETER:
        raise s.unsupported("a name that is a parameter", "Write the name.")
    condition = s.mark == "IF" and s.peek() == "NOT"
    target = s.mark in ("FOR", "ON") and s.peek() in ("(", ":")
    if s.is_name() and not condition and not target:
        name = s.name("a name")
    return name, s.accept("IF", "NOT", "EXISTS")


def _for(s: Stream, *, labelled: bool = True) -> _Subject:
    """Parse ``FOR (n:Label)`` or ``FOR ()-[r:TYPE]-()``."""
    s.expect("FOR", "(")
    if s.mark != ")":
        variable = s.name("a variable name")
        label = _label(s, labelled)
        s.expect(")")
        return _Subject(variable, label, False)
    s.advance()
    left = s.accept("<")
    s.expect("-", "[")
    variable = s.name("a variable name")
    label = _label(s, labelled)
    s.expect("]", "-")
    if not left:
        s.accept(">")
    s.expect("(", ")")
    return _Subject(variable, label, True)


def _label(s: Stream, labelled: bool) -> str:
    if not labelled:
        return ""
    s.expect(":")
    label = s.name("a label name")
    if s.mark in (":", "|", "&"):
        raise fault(
            "UnexpectedSyntax", "An index or constraint is for one label or type only", at=s.at
        )
    return label


def _properties(s: Stream, subject: _Subject) -> tuple[str, ...]:
    """Parse ``(n.a, n.b)`` or ``n.a``."""
    if not s.accept("("):
        return (_property(s, subject),)
    found = [_property(s, subject)]
    while s.accept(","):
        found.append(_property(s, subject))
    s.expect(")")
    return tuple(found)


def _property(s: Stream, subject: _Subject) -> str:
    _same_variable(s, subject)
    s.expect(".")
    return s.name("a property key name")


def _same_variable(s: Stream, subject: _Subject) -> None:
    at, name = s.at, s.name("a variable name")
    if name != subject.variable:
        raise fault("UndefinedVariable", f"Variable `{name}` not defined", at=at)


def _options(s: Stream) -> Expression | None:
    if not s.accept("OPTIONS"):
        return None
    return atoms.map_literal(s)


def _old_form(s: Stream, new: str) -> FivefoldError:
    return fault(
        "UnexpectedSyntax", f"Invalid input '{s.mark}': this form is no longer Cypher", at=s.at,
        hint=f"Write {new}.",
    )  # fmt: skip


def _create_database(s: Stream, replace: bool, at: int) -> Command:
    name = _database_name(s)
    if_not_exists = s.accept("IF", "NOT", "EXISTS")
    if s.mark in ("TOPOLOGY", "DEFAULT", "SET"):
        raise s.unsupported(f"{s.mark} of a database", "Leave it out.")
    if s.mark == "OPTIONS":
        raise s.unsupported("OPTIONS of a database", "Leave them out.")
    _wait(s)
    return tree.DatabaseCommand("create", name, False, if_not_exists, replace, at)


def _database_name(s: Stream) -> str:
    if s.mark == PARAMETER or s.mark == STRING:
        raise s.unsupported("a database's name that is no identifier", "Write the name as it is.")
    return s.dotted("a database name")


def _wait(s: Stream) -> None:
    """Step over how long to wait: a database is there as soon as it is created."""
    if s.accept("WAIT"):
        if s.mark == NUMBER:
            s.advance()
        if s.mark in ("SECOND", "SECONDS", "SEC"):
            s.advance()
    else:
        s.accept("NOWAIT")


def _drop(s: Stream) -> Command:
    at, what = s.at, s.peek()
    s.advance()
    if what == "INDEX" or what == "CONSTRAINT":
        s.advance()
        if s.mark == "ON" and s.peek() in (":", "("):
            raise _old_form(s, f"DROP {what} name")
        name = s.name("a name")
        kind = tree.DropIndex if what == "INDEX" else tree.DropConstraint
        return kind(name, s.accept("IF", "EXISTS"), at)
    if what in _ADMINISTRATION:
        raise s.unsupported(f"DROP {what}", _ADMINISTRATION[what], at)
    if what != "DATABASE":
        raise s.unexpected("CONSTRAINT", "DATABASE", "INDEX")
    s.advance()
    name = _database_name(s)
    if_exists = s.accept("IF", "EXISTS")
    if s.mark in ("RESTRICT", "CASCADE") and s.peek() == "ALIASES":
        s.go_to(s.index + 2)
    if s.mark == "DUMP":
        raise s.unsupported("DUMP DATA", "Back the store up before it is dropped.")
    s.accept("DESTROY", "DATA")
    _wait(s)
    return tree.DatabaseCommand("drop", name, if_exists, False, False, at)


def _refuse(s: Stream) -> Command | None:
    if not s.is_name(1):
        return None
    raise s.unsupported(s.mark, _VERBS[s.mark])


COMMANDS: dict[str, Callable[[Stream], Command | None]] = {
    "CREATE": _create,
    "DROP": _drop,
    "SHOW": showing.show,
    **dict.fromkeys(_VERBS, _refuse),
}
