"""Who may come in: anybody while there are no users, as at the other protocols' doors."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, cast

from fivefold.errors import Denied
from fivefold.security.scram import Credentials, derive
from fivefold.wire.neo4j.messages import Authentication

if TYPE_CHECKING:
    from fivefold.engine.engine import Engine

USERS = "neo4j users"
"""Where the engine keeps, by name, what is kept of passwords. Nobody puts users there yet."""

SCHEMES = ("none", "basic")


def users_of(engine: Engine) -> dict[str, Credentials]:
    """Return the users that there are."""
    return cast(dict[str, Credentials], engine.prepared.setdefault(USERS, {}))


def check_login(engine: Engine, said: Authentication) -> None:
    """Return if somebody may come in. Raises Denied."""
    if said.scheme not in SCHEMES:
        raise Denied(
            f"Unsupported authentication scheme '{said.scheme}'",
            "invalid_authorization",
            hint="Log in with a name and a password (basic), or without (none).",
        )
    users = users_of(engine)
    if not users:
        return
    known = users.get(said.principal) if said.scheme == "basic" else None
    if known is None or not _matches(known, said.credentials):
        raise Denied(
            "The client is unauthorized due to authentication failure.", "invalid_password"
        )


def _matches(known: Credentials, password: str) -> bool:
    made = derive(password, known.salt, known.iterations)
    return hmac.compare_digest(made.stored_key, known.stored_key)
