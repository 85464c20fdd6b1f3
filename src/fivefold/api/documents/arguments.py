"""Arguments as pymongo takes them: keys of indexes and sorts, hints, projections, sessions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pymongo.errors import InvalidOperation

ASCENDING = 1


def pairs(keys: Any, direction: int | str | None = None) -> list[tuple[str, Any]]:
    """Return (path, way) of what a sort or an index is given by.

    That is a name, with its way beside it or ascending, a list of names and pairs, or a mapping.
    """
    if direction is not None:
        if not isinstance(keys, str):
            raise TypeError(f"first argument must be a string, not {type(keys)}")
        return [(keys, direction)]
    if isinstance(keys, str):
        return [(keys, ASCENDING)]
    if isinstance(keys, Mapping):
        return list(keys.items())
    if not isinstance(keys, (list, tuple)):
        raise TypeError(
            "if no direction is specified, key_or_list must be an instance of list or mapping"
        )
    return [(one, ASCENDING) if isinstance(one, str) else (one[0], one[1]) for one in keys]


def ordering(keys: Any) -> dict[str, Any]:
    """Return a sort, or the keys of an index, as a document. Raises TypeError, ValueError."""
    found = pairs(keys)
    if not found:
        raise ValueError("key_or_list must not be empty")
    for path, way in found:
        if not isinstance(path, str):
            raise TypeError(f"first item in each key pair must be an instance of str, not {path!r}")
        if not isinstance(way, (str, int, Mapping)):
            raise TypeError(
                "second item in each key pair must be 1, -1, '2d', or another valid MongoDB index "
                f"specifier, not {way!r}"
            )
    return dict(found)


def hint_of(hint: Any) -> Any:
    """Return a hint as a command has it: an index's name, or its keys."""
    return hint if hint is None or isinstance(hint, str) else ordering(hint)


def projection_of(given: Any) -> Any:
    """Return a projection as a command has it: names alone mean these fields."""
    if given is None or isinstance(given, Mapping):
        return given
    if not isinstance(given, Iterable):
        raise TypeError(f"projection must be a list of key names or a mapping, not {type(given)}")
    names = list(given)
    if not all(isinstance(name, str) for name in names):
        raise TypeError("projection must be a list of key names, each an instance of str")
    return dict.fromkeys(names, 1)


def refuse_session(session: Any) -> None:
    """Refuse a session: it is of a client, and here is none. Raises InvalidOperation."""
    if session is not None:
        raise InvalidOperation(
            "an embedded database has no client sessions: use db.transaction() and its collection()"
        )


def present(**given: Any) -> dict[str, Any]:
    """Return those fields of a command that are given."""
    return {name: value for name, value in given.items() if value is not None}
