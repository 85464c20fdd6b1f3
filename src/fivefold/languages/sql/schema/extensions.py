"""Lowers CREATE EXTENSION."""

from __future__ import annotations

from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import definitions
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.commands import Nothing, Notice

_INSTEAD = {
    "uuid-ossp": "gen_random_uuid() is built in.",
    "pgcrypto": "gen_random_uuid(), sha256() and md5() are built in.",
    "citext": "Index and compare lower(…).",
    "hstore": "Use jsonb.",
}


def create_extension(context: Context, node: definitions.CreateExtension) -> Nothing:
    """Lower CREATE EXTENSION: plpgsql is there from the start, as it is in PostgreSQL."""
    if node.name != "plpgsql":
        raise Unsupported(f'extension "{node.name}" is not available', hint=_INSTEAD.get(node.name))
    message = f'extension "{node.name}" already exists'
    if not node.if_not_exists:
        raise InvalidStatement(message, "duplicate_object")
    notice = Notice(f"{message}, skipping", code="duplicate_object")
    return Nothing("CREATE EXTENSION", (notice,))
