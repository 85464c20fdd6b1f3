"""What definitions are about: keyspaces that may be changed, names that may be given."""

from __future__ import annotations

import re

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import Family, Keyspace
from fivefold.errors import FivefoldError
from fivefold.languages.cql.results import Changed, SchemaChange
from fivefold.languages.cql.schema.families import family_of, no_keyspace
from fivefold.languages.cql.schema.typing import keyspace_of
from fivefold.languages.cql.system.definitions import VIRTUAL, system_keyspaces
from fivefold.languages.cql.tree import Name
from fivefold.values.cql.faults import invalid, unauthorized

WORD = re.compile(r"\w+", re.ASCII)
NOTHING = Changed(None)
"""It was so already."""

_LOCAL = frozenset({"system", "system_schema", *VIRTUAL})


def changed(what: str, target: str, keyspace: str, name: str = "") -> Changed:
    """Return the result of a statement that changed the schema."""
    return Changed(SchemaChange(what, target, keyspace, name))


def placed(name: Name, keyspace: str | None) -> tuple[str, str]:
    """Return the keyspace that a name is in, and the name there."""
    space = name[0] or keyspace
    if space is None:
        raise no_keyspace()
    return space, name[1]


def modifiable(keyspace: str, refusal: str) -> None:
    """Raise for a system keyspace; ``refusal`` is what those that are replicated say."""
    if keyspace in _LOCAL:
        raise unauthorized(f"{keyspace} keyspace is not user-modifiable.")
    if keyspace in system_keyspaces():
        raise unauthorized(refusal)


def required(catalog: Catalog, keyspace: str) -> Keyspace:
    """Return a keyspace that has to be there."""
    found = keyspace_of(catalog, keyspace)
    if found is None:
        raise invalid(f"Keyspace '{keyspace}' doesn't exist", "undefined_namespace")
    return found


def table(catalog: Catalog, keyspace: str, name: str) -> Family | None:
    """Return a table, None if there is none or it is a materialized view."""
    family = family_of(catalog, keyspace, name)
    return None if family is None or family.base is not None else family


def no_table(keyspace: str, name: str) -> FivefoldError:
    """Return the error for a table that a definition names and that is not there."""
    return invalid(f"Table '{keyspace}.{name}' doesn't exist", "undefined_table")
