"""Lowers what a dump asks for that is there already: GRANT and CREATE EXTENSION."""

from __future__ import annotations

from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import definitions
from fivefold.languages.sql.bind import relations
from fivefold.languages.sql.bind.state import Context, State
from fivefold.languages.sql.commands import Nothing, Notice
from fivefold.languages.sql.schema import places
from fivefold.languages.sql.schema.enums import find_enum, missing_type

_NOT_ENFORCED = Notice(
    "privileges are not enforced: there are no users yet, whoever connects is the owner",
    severity="WARNING",
    code="warning_privilege_not_granted",
)
_INSTEAD = {
    "uuid-ossp": "gen_random_uuid() is built in.",
    "pgcrypto": "gen_random_uuid(), sha256() and md5() are built in.",
    "citext": "Index and compare lower(…).",
    "hstore": "Use jsonb.",
}


def grant(context: Context, node: definitions.Grant) -> Nothing:
    """Lower GRANT: everybody may do everything already, so it only says that."""
    for name in node.names:
        if node.every or node.what == "schema":
            if name[-1] not in context.catalog.namespaces:
                raise places.missing_namespace(name[-1])
        elif node.what == "type":
            if find_enum(context, name) is None:
                raise missing_type(name)
        elif node.what != "database":
            relations.require(State(context), name, None)
    return Nothing(node.tag, (_NOT_ENFORCED,))


def create_extension(context: Context, node: definitions.CreateExtension) -> Nothing:
    """Lower CREATE EXTENSION: plpgsql is there from the start, as it is in PostgreSQL."""
    if node.name != "plpgsql":
        raise Unsupported(f'extension "{node.name}" is not available', hint=_INSTEAD.get(node.name))
    message = f'extension "{node.name}" already exists'
    if not node.if_not_exists:
        raise InvalidStatement(message, "duplicate_object")
    notice = Notice(f"{message}, skipping", code="duplicate_object")
    return Nothing("CREATE EXTENSION", (notice,))
