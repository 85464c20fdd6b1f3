"""fivefold: one ACID database with five data models in one file.

``open`` opens a database in this process, ``connect`` the same through PEP 249, ``serving`` serves
it to the clients of other databases. What each needs is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fivefold.api.database import Database, Transaction
    from fivefold.api.database import open_database as open
    from fivefold.api.dbapi import connect
    from fivefold.api.serving import Serving as serving
    from fivefold.errors import FivefoldError

__version__ = "0.1.0"

__all__ = [
    "Database",
    "FivefoldError",
    "Transaction",
    "connect",
    "open",
    "serving",
]

_PLACES = {
    "Database": ("fivefold.api.database", "Database"),
    "FivefoldError": ("fivefold.errors", "FivefoldError"),
    "Transaction": ("fivefold.api.database", "Transaction"),
    "connect": ("fivefold.api.dbapi", "connect"),
    "open": ("fivefold.api.database", "open_database"),
    "serving": ("fivefold.api.serving", "Serving"),
}


def __getattr__(name: str) -> object:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = globals()[name] = getattr(import_module(place[0]), place[1])
    return found
