"""Who may come in: anybody while there are no users, as at the other protocols' doors.

Source: "PasswordAuthenticator" of Cassandra's documentation; RFC 4616 for SASL's PLAIN.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, cast

from fivefold.errors import Denied
from fivefold.security.scram import Credentials, derive

if TYPE_CHECKING:
    from fivefold.engine.engine import Engine

USERS = "cassandra users"
"""Where the engine keeps, by name, what is kept of passwords. Nobody puts users there yet."""

AUTHENTICATOR = "org.apache.cassandra.auth.PasswordAuthenticator"
"""What drivers look for to say PLAIN."""


def users_of(engine: Engine) -> dict[str, Credentials]:
    """Return the users that there are."""
    return cast(dict[str, Credentials], engine.prepared.setdefault(USERS, {}))


def check_login(engine: Engine, token: bytes | None) -> str:
    """Return the name of who may come in: ``token`` is PLAIN's. Raises Denied."""
    users = users_of(engine)
    _, name, password = _parts(token or b"")
    known = users.get(name)
    if known is not None:
        made = derive(password, known.salt, known.iterations)
        if hmac.compare_digest(made.stored_key, known.stored_key):
            return name
    raise Denied(f"Provided username {name} and/or password are incorrect", "invalid_password")


def _parts(token: bytes) -> tuple[str, str, str]:
    try:
        parts = token.decode().split("\0")
    except UnicodeDecodeError:
        parts = []
    if len(parts) != 3:
        raise Denied("Credentials are no name and password of SASL PLAIN", "invalid_password")
    if not parts[1] or not parts[2]:
        what = "Password" if parts[1] else "Authentication ID"
        raise Denied(f"{what} must not be null", "invalid_password")
    return parts[0], parts[1], parts[2]
