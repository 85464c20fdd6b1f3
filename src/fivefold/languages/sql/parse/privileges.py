"""Parses GRANT, REVOKE, ALTER DEFAULT PRIVILEGES and CREATE EXTENSION.

Source: the PostgreSQL manual, "GRANT", "REVOKE", "ALTER DEFAULT PRIVILEGES", "CREATE EXTENSION".
"""

from __future__ import annotations

from collections.abc import Callable

from fivefold.errors import Unsupported
from fivefold.languages.sql.definitions import CreateExtension, Grant, Names
from fivefold.languages.sql.parse.parts import if_not_exists
from fivefold.languages.sql.parse.stream import Stream

_PLURAL = {"tables": "table", "sequences": "sequence"}
_UNBUILT = ("function", "procedure", "routine", "functions", "procedures", "routines", "domain",
            "foreign", "language", "large", "parameter", "tablespace")  # fmt: skip
_OTHERS = ("sequence", "schema", "database", "type")


def grant(s: Stream) -> Grant:
    """Parse GRANT, also where ALTER DEFAULT PRIVILEGES holds one; a REVOKE is refused."""
    at = s.at
    if s.is_word("revoke"):
        raise Unsupported(
            "REVOKE is not supported: there are no users yet, whoever connects is the owner",
            hint="Dump with --no-privileges to restore without it.",
            position=at + 1,
        )
    s.expect("grant")
    _privileges(s)
    if s.is_word("to"):
        raise s.unsupported("GRANT of a role", at)
    s.expect("on")
    what, names, every = _objects(s)
    s.expect("to")
    _roles(s)
    if s.accept("with"):
        s.expect("grant", "option")
    if s.accept("granted", "by"):
        s.label()
    return Grant(what, names, every, "GRANT")


def _privileges(s: Stream) -> None:
    while True:
        s.label()
        s.accept("privileges")
        if s.is_op("("):
            s.names()
        if not s.accept_op(","):
            return


def _objects(s: Stream) -> tuple[str, tuple[Names, ...], bool]:
    """Return what they are, their names, and whether they are the schemas of all of them."""
    if s.accept("all"):
        if s.value not in _PLURAL:
            raise s.unsupported(f"GRANT ON ALL {s.value.upper()}")
        what = _PLURAL[s.label()]
        s.expect("in", "schema")
        return what, _names(s), True
    if s.value in _PLURAL and s.peek() == "to":  # of ALTER DEFAULT PRIVILEGES
        return _PLURAL[s.label()], (), True
    if s.is_word(*_UNBUILT):
        raise s.unsupported(f"GRANT ON {s.value.upper()}")
    if s.is_word(*_OTHERS):
        return s.label(), _names(s), False
    s.accept("table")
    return "table", _names(s), False


def _names(s: Stream) -> tuple[Names, ...]:
    found = []
    while True:
        found.append(s.qualified())
        if not s.accept_op(","):
            return tuple(found)


def _roles(s: Stream) -> None:
    while True:
        s.accept("group")
        s.label()
        if not s.accept_op(","):
            return


def default_privileges(s: Stream) -> Grant:
    """Parse the rest of ALTER DEFAULT PRIVILEGES; the cursor is after these words."""
    while s.is_word("for", "in"):
        if s.accept("for"):
            s.label()
            _roles(s)
        else:
            s.expect("in", "schema")
            _names(s)
    found = grant(s)
    return Grant(found.what, (), True, "ALTER DEFAULT PRIVILEGES")


def create_extension(s: Stream) -> CreateExtension:
    """Parse the rest of CREATE EXTENSION; the cursor is after these words."""
    exists = if_not_exists(s)
    name = s.name()
    s.accept("with")
    while s.is_word("schema", "version", "cascade"):
        if not s.accept("cascade"):
            s.advance()
            s.advance()
    return CreateExtension(name, exists)


PARSERS: dict[str, Callable[[Stream], Grant]] = {"grant": grant, "revoke": grant}
