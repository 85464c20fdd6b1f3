"""Who may come in: anybody while there are no users, as at the other protocols' doors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fivefold.engine import logins
from fivefold.errors import Denied
from fivefold.wire.neo4j.messages import Authentication

if TYPE_CHECKING:
    from fivefold.engine.engine import Engine

SCHEMES = ("none", "basic")


def check_login(engine: Engine, said: Authentication) -> str | None:
    """Return who comes in, None while anybody may. Raises Denied."""
    if said.scheme not in SCHEMES:
        raise Denied(
            f"Unsupported authentication scheme '{said.scheme}'",
            "invalid_authorization",
            hint="Log in with a name and a password (basic), or without (none).",
        )
    if not logins.has_users(engine):
        return None
    try:
        if said.scheme == "basic":
            logins.check_password(engine, said.principal, said.credentials, grants=True)
            return said.principal
    except Denied:
        pass
    raise Denied("The client is unauthorized due to authentication failure.", "invalid_password")
