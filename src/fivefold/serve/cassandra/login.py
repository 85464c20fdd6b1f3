"""Who may come in: anybody while there are no users, as at the other protocols' doors.

Source: "PasswordAuthenticator" of Cassandra's documentation; RFC 4616 for SASL's PLAIN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fivefold.engine import logins
from fivefold.errors import Denied

if TYPE_CHECKING:
    from fivefold.engine.engine import Engine

AUTHENTICATOR = "org.apache.cassandra.auth.PasswordAuthenticator"
"""What drivers look for to say PLAIN."""


def check_login(engine: Engine, token: bytes | None) -> str:
    """Return the name of who may come in: ``token`` is PLAIN's. Raises Denied."""
    _, name, password = _parts(token or b"")
    try:
        logins.check_password(engine, name, password, grants=True)
    except Denied:
        raise Denied(
            f"Provided username {name} and/or password are incorrect", "invalid_password"
        ) from None
    return name


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
