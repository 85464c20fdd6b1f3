"""What databases and collections may be called.

Source: manual, "MongoDB Limits and Thresholds", Naming Restrictions.
"""

from __future__ import annotations

from fivefold.errors import FivefoldError
from fivefold.values.documents.faults import fault

DATABASE_BYTES_MAX = 63
"""The longest name of a database."""
NAMESPACE_BYTES_MAX = 255
"""The longest name of a database and a collection, with the point between them."""

_NOT_IN_DATABASES = frozenset('/\\. "$\0')
_SYSTEM_COLLECTIONS = frozenset({"system.js", "system.profile", "system.users", "system.views"})
"""Collections of the system's that programs may have a reason to make."""


def check_database(database: str) -> None:
    """Raise fault 73 for what cannot be the name of a database."""
    if not database or not _NOT_IN_DATABASES.isdisjoint(database):
        raise fault(73, f"Invalid database name: '{database}'")
    size = len(database.encode())
    if size > DATABASE_BYTES_MAX:
        raise fault(73, f"db name must be at most {DATABASE_BYTES_MAX} characters, found: {size}")


def check_collection(database: str, collection: str) -> None:
    """Raise fault 73 for what no collection can be called, whether to read or to write it."""
    if not collection or collection.startswith(".") or "\0" in collection:
        raise invalid_namespace(database, collection)


def check_new_collection(database: str, collection: str) -> None:
    """Raise fault 73 for what no collection may be called that is to be made."""
    check_collection(database, collection)
    namespace = f"{database}.{collection}"
    if "$" in collection:
        raise fault(73, f"Invalid collection name: {collection}")
    if collection.startswith("system.") and collection not in _SYSTEM_COLLECTIONS:
        raise fault(73, f"Invalid system namespace: {namespace}")
    if len(namespace.encode()) > NAMESPACE_BYTES_MAX:
        raise fault(
            73,
            f"Fully qualified namespace is too long. Namespace: {namespace} Max:"
            f" {NAMESPACE_BYTES_MAX}",
        )


def invalid_namespace(database: str, collection: str) -> FivefoldError:
    """Return the error that a name of a collection which is none is."""
    return fault(73, f"Invalid namespace specified '{database}.{collection}'")
