"""Who may come in: the users of the catalog, the same by every protocol.

While there are no users, anybody may; as soon as there is one, everybody has to say who he is.
What another process changes is seen by the next client that comes.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from fivefold.catalog.changes import SetRole
from fivefold.catalog.roles import NAME_CHARS_MAX, Role
from fivefold.engine.session import Session
from fivefold.errors import Denied, InvalidStatement, InvalidValue
from fivefold.security import verifier
from fivefold.security.scram import Credentials, derive, failed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fivefold.engine.engine import Engine

_SECRET = secrets.token_bytes(32)
_KNOWN = "passwords seen"
_KNOWN_MAX = 1_000


def roles(engine: Engine) -> Mapping[str, Role]:
    """Return the users there are, by name.

    A store in another process is not asked for each client: there a user is seen with the next
    statement that is run.
    """
    if engine.store.gaps.in_process:
        connection = engine.lease()
        try:
            return engine.refresh(connection).catalog.roles
        finally:
            engine.give_back(connection)
    return engine.snapshot.catalog.roles


def has_users(engine: Engine) -> bool:
    """Say whether a client has to log in."""
    return any(role.login and role.verifier is not None for role in roles(engine).values())


def credentials(engine: Engine, name: str) -> Credentials | None:
    """Return what is kept of a user's password; None: there is no such user, or no password."""
    role = roles(engine).get(name)
    if role is None or role.verifier is None or not role.login:
        return None
    return verifier.read(role.verifier)


def check_password(engine: Engine, name: str, password: str, *, grants: bool = False) -> None:
    """Return if this is the user's password, sent as it is. Raises Denied (invalid_password).

    Without ``grants`` the protocol does not ask for them, and is for superusers only.

    To check it takes milliseconds, on purpose; one that was right is known by a keyed hash until
    the process ends or the password changes, so that each connection of a pool costs nothing.
    """
    role = roles(engine).get(name)
    kept = None if role is None or not role.login else role.verifier
    seen = cast(dict[str, bytes], engine.prepared.setdefault(_KNOWN, {}))
    told = hmac.digest(_SECRET, f"{kept}\0{password}".encode("utf-8", "surrogateescape"), "sha256")
    if kept is not None and hmac.compare_digest(seen.get(name, b""), told):
        _check_owner(role, grants)
        return
    if kept is None:
        derive(password)  # so that the time it takes does not tell who there is
        raise failed()
    if not verifier.matches(verifier.read(kept), password):
        raise failed()
    if len(seen) >= _KNOWN_MAX:
        seen.clear()
    seen[name] = told
    _check_owner(role, grants)


def _check_owner(role: Role | None, grants: bool) -> None:
    """Raise Denied for a role with grants where nobody asks for them."""
    if role is not None and not role.superuser and not grants:
        raise Denied(
            f"{role.name} is no superuser, and this protocol is only for superusers so far",
            "invalid_authorization",
            hint="Use SQL, CQL or Cypher, or make it a superuser.",
        )


def names(engine: Engine) -> list[str]:
    """Return the users' names, in order."""
    return sorted(roles(engine))


def set_password(session: Session, name: str, password: str) -> None:
    """Make a user, or give one another password. Raises InvalidValue and Denied."""
    if not name or len(name) > NAME_CHARS_MAX or not name.isprintable():
        raise InvalidValue(f"a user's name has 1 to {NAME_CHARS_MAX} printable characters")
    if not password:
        raise InvalidValue("a password cannot be empty")
    old, made = roles(session.engine).get(name), verifier.make(password)
    new = Role(name, made) if old is None else replace(old, verifier=made)
    session.change_schema((SetRole(old, new),))


def remove(session: Session, gone: Iterable[str]) -> None:
    """Remove users; who is connected stays. Raises InvalidStatement (undefined_object)."""
    there = roles(session.engine)
    changes = []
    for name in gone:
        if name not in there:
            raise InvalidStatement(f'role "{name}" does not exist', "undefined_object")
        changes.append(SetRole(there[name], None))
    session.change_schema(tuple(changes))
