"""``arrayFilters``: which elements the identifier in ``$[identifier]`` means.

Source: manual, "$[<identifier>]", "arrayFilters".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document

ArrayFilters = dict[str, Callable[[Any], bool]]
"""For each identifier, whether an element is meant."""

_IDENTIFIER = re.compile(r"[a-z][a-zA-Z0-9]*")
_IN_ERROR = "Error parsing array filter :: caused by :: "


def identifier_of(name: str) -> str | None:
    """Return the identifier of ``$[identifier]``, "" for ``$[]``, None for any other name."""
    return name[2:-1] if name.startswith("$[") and name.endswith("]") else None


def parse_array_filters(filters: Sequence[Document]) -> ArrayFilters:
    """Return the tests that the filters are. Raises faults 2 and 9."""
    found: ArrayFilters = {}
    for each in filters:
        identifier = _identifier_in(each)
        if identifier in found:
            raise fault(
                9, f"Found multiple array filters with the same top-level field name {identifier}"
            )
        found[identifier] = _test(identifier, each)
    return found


def _test(identifier: str, condition: Document) -> Callable[[Any], bool]:
    from fivefold.languages.mongo.match import matcher, parse_filter

    matches = matcher(parse_filter(condition))
    return lambda element: matches({identifier: element})


def _identifier_in(condition: Document) -> str:
    first: str | None = None
    for path in _paths(condition):
        name = path.partition(".")[0]
        if first is not None and name != first:
            raise fault(
                9,
                f"{_IN_ERROR}Expected a single top-level field name, found '{first}' and '{name}'",
            )
        first = name
    if first is None:
        text = "Cannot use an expression without a top-level field name in arrayFilters"
        raise fault(9, text)
    if not _IDENTIFIER.fullmatch(first):
        raise fault(
            2,
            f"{_IN_ERROR}The top-level field name must be an alphanumeric string beginning with a"
            f" lowercase letter, found '{first}'",
        )
    return first


def _paths(condition: Document) -> Iterator[str]:
    for name, value in condition.items():
        if not name.startswith("$"):
            yield name
        elif name in ("$and", "$or", "$nor") and isinstance(value, list):
            for each in value:
                if isinstance(each, dict):
                    yield from _paths(each)
