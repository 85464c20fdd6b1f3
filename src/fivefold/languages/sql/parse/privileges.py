"""Parses roles, GRANT, REVOKE and CREATE EXTENSION.

Source: the PostgreSQL manual, "CREATE ROLE", "ALTER ROLE", "DROP ROLE", "GRANT", "REVOKE",
"CREATE EXTENSION".
"""

from __future__ import annotations

from collections.abc import Callable

from fivefold.languages.sql.definitions import (
    CreateExtension,
    DropRole,
    Grant,
    Membership,
    Names,
    SetRole,
)
from fivefold.languages.sql.parse.parts import if_exists, if_not_exists
from fivefold.languages.sql.parse.stream import Stream

_PLURAL = {"tables": "table", "sequences": "sequence"}
_UNBUILT = ("function", "procedure", "routine", "functions", "procedures", "routines", "domain",
            "foreign", "language", "large", "parameter", "tablespace")  # fmt: skip
_NOTHING = ("inherit", "nocreatedb", "nocreaterole", "noreplication", "nobypassrls")
_OPTION = "Who has ADMINISTER on it may grant: GRANT ADMINISTER ON … TO …."
_ALTER = "There are SUPERUSER, LOGIN, PASSWORD and IN ROLE, and NOSUPERUSER and NOLOGIN."
_LIMIT = "Give the server a limit: fivefold serve --limit."
_OTHERS = ("sequence", "schema", "database", "type")


def grant(s: Stream) -> Grant | Membership:
    """Parse GRANT or REVOKE."""
    at = s.at
    revokes = s.accept("revoke")
    if not revokes:
        s.expect("grant")
    tag, direction = ("REVOKE", "from") if revokes else ("GRANT", "to")
    if revokes and s.is_word("grant", "admin") and s.peek() == "option":
        raise s.unsupported("REVOKE … OPTION FOR", at, hint=_OPTION)
    privileges = _privileges(s)
    if s.accept(direction):
        members = _roles(s)
        _end(s, at)
        return Membership(privileges, members, f"{tag} ROLE")
    s.expect("on")
    what, names, every = _objects(s)
    s.expect(direction)
    roles = _roles(s)
    _end(s, at)
    return Grant(what, names, every, tag, privileges, roles, at)


def _end(s: Stream, at: int) -> None:
    if s.is_word("with"):
        raise s.unsupported("GRANT … WITH … OPTION", at, hint=_OPTION)
    if s.accept("granted", "by"):
        s.label()
    if not s.accept("cascade"):
        s.accept("restrict")


def _privileges(s: Stream) -> tuple[str, ...]:
    """Return the words; of columns is refused. ALL is none."""
    found = []
    while True:
        at = s.at
        found.append(s.label())
        s.accept("privileges")
        if s.is_op("("):
            raise s.unsupported("a privilege on columns", at, hint="Grant it on a view of them.")
        if not s.accept_op(","):
            return () if found == ["all"] else tuple(found)


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


def _roles(s: Stream) -> tuple[str, ...]:
    found = []
    while True:
        s.accept("group")
        found.append(s.label())
        if not s.accept_op(","):
            return tuple(found)


def create_role(s: Stream) -> SetRole:
    """Parse CREATE ROLE, CREATE USER or CREATE GROUP; the cursor is at the second word."""
    login = s.is_word("user")
    s.advance()
    made = SetRole(s.label(), "CREATE ROLE", login=login, superuser=False)
    return _options(s, made)


def alter_role(s: Stream) -> SetRole:
    """Parse ALTER ROLE or ALTER USER; the cursor is at the second word."""
    at = s.at
    s.advance()
    name = s.label()
    if s.is_word("set", "reset", "rename", "in"):
        raise s.unsupported(f"ALTER ROLE … {s.value.upper()}", at, hint=_ALTER)
    return _options(s, SetRole(name, "ALTER ROLE"))


def drop_role(s: Stream) -> DropRole:
    """Parse DROP ROLE, DROP USER or DROP GROUP; the cursor is at the second word."""
    s.advance()
    exists = if_exists(s)
    return DropRole(_roles(s), exists)


def _options(s: Stream, made: SetRole) -> SetRole:
    s.accept("with")
    while s.kind == "word":
        at = s.at
        if s.is_word("superuser", "nosuperuser"):
            made = made._replace(superuser=s.label() == "superuser")
        elif s.is_word("login", "nologin"):
            made = made._replace(login=s.label() == "login")
        elif s.is_word(*_NOTHING):
            s.advance()
        elif s.is_word("password", "encrypted"):
            s.accept("encrypted")
            s.expect("password")
            made = made._replace(password="" if s.accept("null") else s.string())
        elif s.accept("connection", "limit"):
            if s.signed_integer() != -1:
                raise s.unsupported("CONNECTION LIMIT", at, hint=_LIMIT)
        elif s.accept("in", "role") or s.accept("in", "group"):
            made = made._replace(memberships=_roles(s))
        else:
            raise s.unsupported(f"the role option {s.value.upper()}", at, hint=_ALTER)
    return made


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


PARSERS: dict[str, Callable[[Stream], Grant | Membership]] = {"grant": grant, "revoke": grant}
