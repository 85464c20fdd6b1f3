"""Lowers what is about roles: each becomes the roles as they are afterwards.

READ, WRITE and ADMINISTER are privileges of their own, for all languages; SELECT is READ, and
INSERT, UPDATE and DELETE together are WRITE.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fivefold.catalog import changes
from fivefold.catalog.containers import Container, Sequence, Table, View
from fivefold.catalog.roles import NAME_CHARS_MAX, PUBLIC, Grant, Privilege, Role, held
from fivefold.errors import InvalidStatement, InvalidValue, Unsupported
from fivefold.languages.sql import definitions
from fivefold.languages.sql.bind import relations
from fivefold.languages.sql.bind.state import Context, State
from fivefold.languages.sql.commands import Notice, Schema
from fivefold.languages.sql.schema import places
from fivefold.languages.sql.schema.enums import find_enum, missing_type
from fivefold.plan.statement import Access
from fivefold.security import verifier

_READ, _WRITE = Privilege.READ, Privilege.WRITE
_OWN = {"read": _READ, "write": _WRITE, "administer": Privilege.ADMINISTER}
_CHANGES = frozenset({"insert", "update", "delete"})
_WORDS: dict[str, dict[str, tuple[Privilege, ...]]] = {
    "table": {"select": (_READ,)},
    "sequence": {"select": (_READ,), "update": (_WRITE,), "usage": (_READ, _WRITE)},
    "schema": {"create": (Privilege.CREATE,), "usage": ()},
    "database": {"create": (Privilege.CREATE,), "connect": (), "temporary": (), "temp": ()},
    "type": {"usage": ()},
}
_ALL: dict[str, tuple[Privilege, ...]] = {
    "table": (_READ, _WRITE),
    "sequence": (_READ, _WRITE),
    "schema": (Privilege.CREATE,),
    "database": (Privilege.CREATE,),
    "type": (),
}
_TOGETHER = "Grant them together, or WRITE: INSERT, UPDATE and DELETE are one privilege."


def set_role(context: Context, node: definitions.SetRole) -> Schema:
    """Lower CREATE ROLE and ALTER ROLE."""
    name = _named(context, node.name)
    old = context.catalog.roles.get(name)
    if node.tag == "CREATE ROLE":
        if name == PUBLIC or name.startswith("pg_"):
            raise InvalidStatement(f'role name "{name}" is reserved', "reserved_name")
        if len(name) > NAME_CHARS_MAX:
            raise InvalidValue(f"a role's name has at most {NAME_CHARS_MAX} characters")
        if old is not None:
            raise InvalidStatement(f'role "{name}" already exists', "duplicate_object")
        new = Role(name, superuser=False, login=False)
    else:
        new = old = _require(context, name)
    if node.superuser is not None:
        new = replace(new, superuser=node.superuser)
    if node.login is not None:
        new = replace(new, login=node.login)
    if node.password is not None:
        new = replace(new, verifier=_verifier(node.password))
    for group in node.memberships:
        _require(context, group)
    new = replace(new, memberships=tuple(dict.fromkeys((*new.memberships, *node.memberships))))
    return Schema((changes.SetRole(old, new),), node.tag)


def _verifier(password: str) -> str | None:
    """Return what is kept: psql's \\password sends that already."""
    if not password:
        return None
    if password.startswith("SCRAM-SHA-256$"):
        verifier.read(password)
        return password
    return verifier.make(password)


def drop_role(context: Context, node: definitions.DropRole) -> Schema:
    """Lower DROP ROLE; nobody is a member of it any more."""
    roles = context.catalog.roles
    gone, notices = [], []
    for name in node.names:
        if name in roles:
            gone.append(name)
        elif node.if_exists:
            notices.append(Notice(f'role "{name}" does not exist, skipping'))
        else:
            raise _missing(name)
    made = [
        changes.SetRole(
            role, replace(role, memberships=tuple(m for m in role.memberships if m not in gone))
        )
        for role in roles.values()
        if role.name not in gone and not {*gone}.isdisjoint(role.memberships)
    ]
    made += [changes.SetRole(roles[name], None) for name in dict.fromkeys(gone)]
    return Schema(tuple(made), "DROP ROLE", tuple(notices))


def membership(context: Context, node: definitions.Membership) -> Schema:
    """Lower GRANT and REVOKE of roles."""
    granted = [_require(context, _named(context, name)).name for name in node.roles]
    made = []
    for name in dict.fromkeys(_named(context, each) for each in node.members):
        member = _require(context, name)
        if node.tag == "REVOKE ROLE":
            kept = tuple(each for each in member.memberships if each not in granted)
        else:
            for group in granted:
                if any(role.name == name for role in held(context.catalog.roles, group)):
                    raise InvalidStatement(
                        f'role "{name}" is a member of role "{group}"', "invalid_grant_operation"
                    )
            kept = tuple(dict.fromkeys((*member.memberships, *granted)))
        made.append(changes.SetRole(member, replace(member, memberships=kept)))
    return Schema(tuple(made), node.tag)


def grant(context: Context, node: definitions.Grant) -> Schema:
    """Lower GRANT and REVOKE of privileges."""
    privileges = _privileges(node)
    places_ = list(dict.fromkeys(_places(context, node)))
    grants = [Grant(each, *place) for place in places_ for each in privileges]
    made = []
    for name in dict.fromkeys(_named(context, each) for each in node.roles):
        old = context.catalog.roles.get(name)
        if old is None and name != PUBLIC:
            raise _missing(name)
        role = old or Role(PUBLIC, superuser=False, login=False)
        if node.tag == "REVOKE":
            after = tuple(each for each in role.grants if each not in grants)
        else:
            after = tuple(dict.fromkeys((*role.grants, *grants)))
        if after != role.grants:
            made.append(changes.SetRole(old, replace(role, grants=after)))
    accesses = tuple(
        Access(namespace or "", container or "", Privilege.ADMINISTER)
        for namespace, container in places_
    )
    return Schema(tuple(made), node.tag, accesses=accesses)


def _privileges(node: definitions.Grant) -> tuple[Privilege, ...]:
    position = node.at + 1
    if not node.privileges:
        return _ALL[node.what] + ((Privilege.ADMINISTER,) if node.tag == "REVOKE" else ())
    words = {*node.privileges}
    found: dict[Privilege, None] = {}
    if node.what == "table" and words & _CHANGES:
        if not words >= _CHANGES:
            raise Unsupported(
                f"{', '.join(sorted(words & _CHANGES)).upper()} alone cannot be granted or revoked",
                hint=_TOGETHER,
                position=position,
            )
        found[_WRITE] = None
        words -= _CHANGES | {"truncate"}
    for word in sorted(words):
        meant = (_OWN[word],) if word in _OWN else _WORDS[node.what].get(word)
        if meant is None:
            raise Unsupported(
                f"the privilege {word.upper()} on a {node.what} is not supported",
                hint="There are READ, WRITE, CREATE (on schemas and databases) and ADMINISTER.",
                position=position,
            )
        if not meant and node.tag == "REVOKE":
            raise Unsupported(
                f"{word.upper()} on a {node.what} cannot be revoked: nobody needs it",
                hint="Revoke what was granted on the tables.",
                position=position,
            )
        found |= dict.fromkeys(meant)
    return tuple(found)


def _places(context: Context, node: definitions.Grant) -> Iterator[tuple[str | None, str | None]]:
    """Yield what it is on, by the names that the store knows."""
    for name in node.names:
        if node.every or node.what == "schema":
            if name[-1] not in context.catalog.namespaces:
                raise places.missing_namespace(name[-1])
            if not node.every:
                yield context.prefix + name[-1], None
                continue
            kinds = (Table, View) if node.what == "table" else (Sequence,)
            for container in context.known.containers.values():
                if container.namespace == name[-1] and isinstance(container, kinds):
                    yield _place(context, container)
        elif node.what == "database":
            if name[-1] != context.database or context.prefix:
                raise Unsupported(
                    "a privilege on a database beside the main one is not supported",
                    hint="Grant it on the database's schemas.",
                    position=node.at + 1,
                )
            yield None, None
        elif node.what == "type":
            if find_enum(context, name) is None:
                raise missing_type(name)
        else:
            yield _place(context, relations.require(State(context), name, None))


def _place(context: Context, container: Container) -> tuple[str, str]:
    return context.prefix + container.namespace, container.name


def _named(context: Context, name: str) -> str:
    return context.user if name in ("current_user", "session_user", "current_role") else name


def _require(context: Context, name: str) -> Role:
    found = context.catalog.roles.get(name)
    if found is None:
        raise _missing(name)
    return found


def _missing(name: str) -> InvalidStatement:
    return InvalidStatement(f'role "{name}" does not exist', "undefined_object")
