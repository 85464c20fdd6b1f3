"""What is kept of a password, as one line of text.

The form is PostgreSQL's own for SCRAM, so that who knows one knows the other:
``SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>``, in base64 what is bytes. It serves
the protocols that prove a password without sending it, and those that send it alike.

Source: PostgreSQL manual, "pg_authid", column rolpassword; RFC 5803.
"""

from __future__ import annotations

import base64
import hmac

from fivefold.errors import Unavailable
from fivefold.security.scram import MECHANISM, Credentials, derive


def make(password: str) -> str:
    """Return what is to be kept. Raises Denied for a password that no client could send."""
    made = derive(password)
    keys = ":".join(map(_text, (made.stored_key, made.server_key)))
    return f"{MECHANISM}${made.iterations}:{_text(made.salt)}${keys}"


def read(verifier: str) -> Credentials:
    """Return what ``make`` wrote. Raises Unavailable if it cannot be read."""
    try:
        mechanism, salted, keys = verifier.split("$")
        iterations, salt = salted.split(":")
        stored_key, server_key = map(base64.b64decode, keys.split(":"))
        if mechanism != MECHANISM:
            raise ValueError(mechanism)
        return Credentials(base64.b64decode(salt), int(iterations), stored_key, server_key)
    except ValueError:
        raise Unavailable(
            "the catalog holds a password's verifier that this version cannot read",
            "store_corrupt",
            hint="Open the file with the version of fivefold that wrote it.",
        ) from None


def matches(kept: Credentials, password: str) -> bool:
    """Say whether this is the password. Takes as long as ``make``: some milliseconds."""
    made = derive(password, kept.salt, kept.iterations)
    return hmac.compare_digest(made.stored_key, kept.stored_key)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
