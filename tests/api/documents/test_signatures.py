"""The embedded document model beside pymongo: every public method, with the same parameters."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from pymongo.synchronous import collection, command_cursor, cursor, database

from fivefold.api.documents import Collection, CommandCursor, Cursor, Documents

PAIRS: dict[str, tuple[type, type]] = {
    "Collection": (Collection, collection.Collection),
    "Cursor": (Cursor, cursor.Cursor),
    "CommandCursor": (CommandCursor, command_cursor.CommandCursor),
    "Documents": (Documents, database.Database),
}

ATLAS = "of Atlas: there are no search indexes"
LACKING = {
    "Collection": dict.fromkeys(
        (
            *("create_search_index", "create_search_indexes", "drop_search_index"),
            *("list_search_indexes", "update_search_index"),
        ),
        ATLAS,
    ),
    "Cursor": {},
    "CommandCursor": {},
    "Documents": {"client": "there is no client: the database is open in this process"},
}
"""What pymongo has and we have not, and why."""

OWN = {
    "Collection": {"database_name", "door", "place"},
    "Documents": {"door"},
}
"""What we have and pymongo has not."""


def public(of: type) -> set[str]:
    return {name for name in dir(of) if name[0] != "_"}


def parameters(method: Any) -> list[tuple[str, object, object]]:
    signature = inspect.signature(method).parameters.values()
    return [(each.name, each.kind, each.default) for each in signature]


@pytest.mark.parametrize("name", PAIRS)
def test_every_name_is_there_or_listed(name: str) -> None:
    ours, theirs = PAIRS[name]
    assert public(theirs) - public(ours) == set(LACKING[name])
    assert public(ours) - public(theirs) == OWN.get(name, set())


@pytest.mark.parametrize(
    ("name", "method"),
    [
        (name, method)
        for name, (ours, theirs) in PAIRS.items()
        for method in sorted(public(ours) & public(theirs))
    ],
)
def test_parameters(name: str, method: str) -> None:
    ours, theirs = (inspect.getattr_static(each, method) for each in PAIRS[name])
    assert isinstance(ours, property) == isinstance(theirs, property)
    if not isinstance(ours, property):
        assert parameters(ours) == parameters(theirs)


def test_parameters_of_find() -> None:
    """``find`` hands them on to the cursor."""
    assert parameters(Cursor.__init__) == parameters(cursor.Cursor.__init__)
