"""Windows: which documents of its partition a document sees.

A frame is a pair of places (first, behind the last) in a sorted partition. From one document to the
next neither goes back.
Source: manual 7.0, "$setWindowFields (aggregation)", section on windows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from bson.decimal128 import Decimal128

from fivefold.languages.mongo.accumulators.numbers import DECIMALS
from fivefold.languages.mongo.expressions.dates.moving import UNITS, moved
from fivefold.languages.mongo.expressions.dates.zones import UTC_ZONE
from fivefold.languages.mongo.expressions.instants import is_date
from fivefold.languages.mongo.expressions.terms import Variables
from fivefold.languages.mongo.sorting import Sorting
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING, NAMES, Document, kind_of
from fivefold.values.documents.order import milliseconds
from fivefold.values.documents.paths import get
from fivefold.values.documents.text import shown

Frame = tuple[int, int]


class Documents(Protocol):
    """Documents to go through in order any number of times."""

    def __iter__(self) -> Iterator[Document]: ...
    def __len__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Partition:
    """A sorted partition: its documents, how they are sorted, the variables of the pipeline."""

    documents: Documents
    sorting: Sorting | None
    variables: Variables

    def sorted_values(self) -> list[Any]:
        """Return each document's value of the only field of the sort."""
        assert self.sorting is not None
        path = self.sorting.fields[0].path
        return [get(document, path) for document in self.documents]


@dataclass(frozen=True, slots=True)
class DocumentsWindow:
    """``documents: [lower, upper]``: places from the document's own; None is unbounded."""

    lower: int | None
    upper: int | None

    def frames(self, partition: Partition) -> Iterator[Frame]:
        count = len(partition.documents)
        for at in range(count):
            first = 0 if self.lower is None else min(max(0, at + self.lower), count)
            last = count if self.upper is None else min(max(first, at + self.upper + 1), count)
            yield first, max(first, last)


@dataclass(frozen=True, slots=True)
class RangeWindow:
    """``range: [lower, upper]``: distances from the document's value of the sort; None is
    unbounded.
    """

    lower: Any
    upper: Any
    unit: str | None = None

    def frames(self, partition: Partition) -> Iterator[Frame]:
        places = [self._place(value) for value in partition.sorted_values()]
        count = len(places)
        first = last = 0
        for place in places:
            if self.lower is not None:
                least = self._moved(place, self.lower)
                while first < count and places[first] < least:
                    first += 1
            if self.upper is None:
                last = count
            else:
                most = self._moved(place, self.upper)
                while last < count and places[last] <= most:
                    last += 1
            yield first, max(first, last)

    def _place(self, value: Any) -> Any:
        if self.unit is not None:
            if not is_date(value):
                raise fault(
                    5429513,
                    "Invalid range: Expected the sortBy field to be a Date, but it was "
                    + NAMES[kind_of(value)],
                )
            return milliseconds(value)
        if is_date(value):
            raise fault(
                5429513,
                "Invalid range: For windows that involve date or time ranges, a unit must be "
                "provided.",
            )
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal128):
            raise fault(
                5429414,
                "Invalid range: Expected the sortBy field to be a number, but it was "
                + NAMES[kind_of(value)],
            )
        return value.to_decimal() if isinstance(value, Decimal128) else value

    def _moved(self, place: Any, by: Any) -> Any:
        if self.unit is not None:
            return moved(place, self.unit, by, UTC_ZONE)
        if isinstance(place, float) or isinstance(by, float):
            return float(place) + float(by)
        if isinstance(place, int) and isinstance(by, int):
            return place + by
        return DECIMALS.add(DECIMALS.create_decimal(place), DECIMALS.create_decimal(by))


Window = DocumentsWindow | RangeWindow
WHOLE = DocumentsWindow(None, None)


def parse_window(value: Any, sorting: Sorting | None) -> Window:
    """Return the window that ``{documents: …}`` or ``{range: …, unit: …}`` says."""
    if not isinstance(value, dict):
        raise fault(9, "'window' field must be an object")
    for name in value:
        if name not in ("documents", "range", "unit"):
            raise fault(
                9, f"'window' field can only contain 'documents', 'range' and 'unit', not '{name}'"
            )
    if "documents" in value and "range" in value:
        raise fault(9, "'window' field can only specify one of: 'documents', 'range'")
    if "documents" in value:
        if "unit" in value:
            raise fault(9, "Window bounds can only specify 'unit' with range-based bounds.")
        lower, upper = _bounds(value["documents"], "documents")
        window = DocumentsWindow(_places(lower), _places(upper))
        if sorting is None and (window.lower is not None or window.upper is not None):
            raise fault(5339901, "Document-based bounds require a sortBy")
        if _crossed(window.lower, window.upper):
            raise fault(
                5339900, f"Lower bound must not exceed upper bound: {shown(value['documents'])}"
            )
        return window
    if "range" not in value:
        if "unit" in value:
            raise fault(9, "Window bounds can only specify 'unit' with range-based bounds.")
        return WHOLE
    return _range(value, sorting)


def _range(value: Document, sorting: Sorting | None) -> RangeWindow:
    lower, upper = _bounds(value["range"], "range")
    unit = value.get("unit")
    if unit is not None and unit not in UNITS:
        raise fault(9, f"unknown time unit value: {unit}")
    if sorting is None or len(sorting.fields) != 1:
        raise fault(5339902, "Range-based bounds require sortBy a single field")
    if sorting.fields[0].descending:
        raise fault(8947401, "Range-based bounds require an ascending sortBy")
    window = RangeWindow(_distance(lower, unit), _distance(upper, unit), unit)
    if _crossed(window.lower, window.upper):
        raise fault(5339900, f"Lower bound must not exceed upper bound: {shown(value['range'])}")
    return window


def _bounds(value: Any, kind: str) -> tuple[Any, Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise fault(9, f"Window bounds must be a 2-element array: {kind}: {shown(value)}")
    return value[0], value[1]


def _places(bound: Any) -> int | None:
    if bound == "unbounded":
        return None
    if bound == "current":
        return 0
    whole = _number(bound)
    if isinstance(bound, str) or whole is None or whole != int(whole):
        raise fault(9, "Numeric document-based bounds must be an integer")
    return int(whole)


def _distance(bound: Any, unit: str | None) -> Any:
    if bound == "unbounded":
        return None
    if bound == "current":
        return 0
    number = _number(bound)
    if number is None:
        raise fault(9, "Range-based bounds expression must be a number")
    if unit is not None:
        if number != int(number):
            raise fault(9, "With 'unit', range-based bounds must be an integer")
        return int(number)
    return number


def _number(value: Any) -> Any:
    if isinstance(value, Decimal128):
        return value.to_decimal()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value


def _crossed(lower: Any, upper: Any) -> bool:
    return lower is not None and upper is not None and lower > upper


def plain_number(value: Any) -> bool:
    """Tell whether a value is a number (MISSING is none)."""
    return value is not MISSING and _number(value) is not None
