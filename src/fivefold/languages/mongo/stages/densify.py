"""$densify: documents for the values between those that are there.

The values are those of a grid that begins at the lower bound. Documents come out by partition, in
order of the field; those without it come first, as they are.
Source: manual 7.0, "$densify (aggregation)".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, groupby
from typing import Any

from bson.decimal128 import Decimal128

from fivefold.languages.mongo.expressions.arithmetic import add
from fivefold.languages.mongo.expressions.dates.moving import UNITS, moved
from fivefold.languages.mongo.expressions.dates.zones import UTC_ZONE
from fivefold.languages.mongo.expressions.instants import is_date, of_ms
from fivefold.languages.mongo.sorting import field_path
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING, NAMES, Document, kind_of
from fivefold.values.documents.order import hash_key, milliseconds, sort_key
from fivefold.values.documents.paths import get

from .base import Site, Stages
from .context import Context
from .passing import put
from .spilling import Spool, sorted_documents

GENERATED_MAX = 500_000
"""Documents that one $densify makes (manual, "$densify", internalQueryMaxAllowedDensifyDocs)."""

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Densify:
    """$densify; ``bounds`` are "full", "partition", or (lower, the first that is too much)."""

    field: Path
    partition_by: tuple[Path, ...]
    step: Any
    unit: str | None
    bounds: str | tuple[Any, Any]

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        spool = Spool("$densify", context)
        least = most = None
        for document in sorted_documents(documents, self._key, context, stage="$densify"):
            value = get(document, self.field)
            if value is MISSING or value is None:
                yield document
                continue
            self._check(value)
            if least is None or sort_key(value) < sort_key(least):
                least = value
            if most is None or sort_key(most) < sort_key(value):
                most = value
            spool.add(document)
        room = _Room()
        if spool.count == 0:
            if isinstance(self.bounds, tuple) and not self.partition_by:
                yield from self._dense(iter(()), *self.bounds, {}, room)
            return
        for _, members in groupby(spool, self._partition_key):
            first = next(members)
            fields: Document = {}
            for path in self.partition_by:
                value = get(first, path)
                if value is not MISSING:
                    fields = put(fields, path, value)
            last = None
            if isinstance(self.bounds, tuple):
                lower, upper = self.bounds
            elif self.bounds == "full":
                lower, upper, last = least, None, most
            else:
                lower, upper = get(first, self.field), None
            yield from self._dense(chain((first,), members), lower, upper, fields, room, last)  # noqa: B031

    def _key(self, document: Document) -> Any:
        value = get(document, self.field)
        present = value is not MISSING and value is not None
        partition = [sort_key(get(document, path)) for path in self.partition_by] if present else []
        return (present, partition, sort_key(value))

    def _partition_key(self, document: Document) -> Any:
        return [hash_key(get(document, path)) for path in self.partition_by]

    def _check(self, value: Any) -> None:
        if self.unit is not None:
            if not is_date(value):
                raise fault(
                    6053600,
                    "Encountered non-date value in collection when step has a date unit.",
                )
        elif is_date(value):
            raise fault(
                6053601, "Encountered date value in collection when step does not have a date unit."
            )
        elif isinstance(value, bool) or not isinstance(value, int | float | Decimal128):
            raise fault(5733201, "Densify field type must be numeric or a date")

    def _dense(
        self,
        documents: Iterator[Document],
        lower: Any,
        upper: Any,
        fields: Document,
        room: _Room,
        last: Any = None,
    ) -> Iterator[Document]:
        """Yield one partition with what is missing from the grid.

        The grid ends before ``upper``, or with ``last``, or with the last document.
        """
        grid = lower
        for document in documents:
            key = sort_key(get(document, self.field))
            while self._inside(grid, upper) and sort_key(grid) < key:
                yield room.made(put(fields, self.field, grid))
                grid = self._after(grid)
            yield document
            if sort_key(grid) == key:
                grid = self._after(grid)
        if upper is None and last is None:
            return
        while self._inside(grid, upper) and (last is None or sort_key(grid) <= sort_key(last)):
            yield room.made(put(fields, self.field, grid))
            grid = self._after(grid)

    def _inside(self, value: Any, upper: Any) -> bool:
        return upper is None or sort_key(value) < sort_key(upper)

    def _after(self, value: Any) -> Any:
        if self.unit is None:
            return add(value, self.step)
        return of_ms(moved(milliseconds(value), self.unit, self.step, UTC_ZONE))


class _Room:
    """Counts the documents that are made."""

    def __init__(self) -> None:
        self.count = 0

    def made(self, document: Document) -> Document:
        self.count += 1
        if self.count > GENERATED_MAX:
            raise fault(
                5897900,
                f"Generated {self.count} documents in $densify, which is over the limit of "
                f"{GENERATED_MAX}. Increase the 'internalQueryMaxAllowedDensifyDocs' parameter to "
                "allow more generated documents",
            )
        return document


def parse_densify(value: Any, site: Site) -> Stages:
    if not isinstance(value, dict):
        kind = NAMES[kind_of(value)]
        raise fault(5733401, f"The $densify stage specification must be an object, found {kind}")
    for name in value:
        if name not in ("field", "partitionByFields", "range"):
            raise fault(40415, f"BSON field '$densify.{name}' is an unknown field.")
    for name in ("field", "range"):
        if name not in value:
            raise fault(40414, f"BSON field '$densify.{name}' is missing but a required field")
    if not isinstance(value["field"], str):
        raise _wrong("$densify.field", value["field"], "string")
    if value["field"].startswith("$"):
        raise fault(
            16410,
            "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
        )
    names = value.get("partitionByFields", [])
    if not isinstance(names, list):
        raise _wrong("$densify.partitionByFields", names, "array")
    for name in names:
        if not isinstance(name, str):
            raise _wrong("$densify.partitionByFields", name, "string")
    step, unit, bounds = _range(value["range"])
    if bounds == "partition" and not names:
        raise fault(
            5733408,
            "one may not specify the bounds as 'partition' without specifying a non-empty array of "
            "partitionByFields. You may have meant to specify 'full' bounds.",
        )
    field = field_path(value["field"])
    partition_by = tuple([field_path(name) for name in names])
    if field in partition_by:
        raise fault(
            8993000,
            "BSON field '$densify.partitionByFields' contains the field that is being densified",
        )
    return (Densify(field, partition_by, step, unit, bounds),)


def _wrong(name: str, value: Any, kind: str) -> Exception:
    found = NAMES[kind_of(value)]
    return fault(14, f"BSON field '{name}' is the wrong type '{found}', expected type '{kind}'")


def _range(value: Any) -> tuple[Any, str | None, str | tuple[Any, Any]]:
    if not isinstance(value, dict):
        raise _wrong("$densify.range", value, "object")
    for name in value:
        if name not in ("step", "unit", "bounds"):
            raise fault(40415, f"BSON field '$densify.range.{name}' is an unknown field.")
    for name in ("step", "bounds"):
        if name not in value:
            raise fault(
                40414, f"BSON field '$densify.range.{name}' is missing but a required field"
            )
    step, unit, bounds = value["step"], value.get("unit"), value["bounds"]
    if isinstance(step, bool) or not isinstance(step, int | float | Decimal128):
        raise fault(
            14,
            f"BSON field '$densify.range.step' is the wrong type '{NAMES[kind_of(step)]}', "
            "expected types '[int, decimal, double, long']",
        )
    if sort_key(step) <= sort_key(0):
        raise fault(
            5733401,
            "the step parameter in a range statement must be a strictly positive numeric value",
        )
    if unit is not None:
        if unit not in UNITS:
            raise fault(9, f"unknown time unit value: {unit}")
        if isinstance(step, Decimal128) or step != int(step):
            raise fault(
                6586400,
                "The step parameter in a range satement must be a whole number when "
                "densifying a date range",
            )
        step = int(step)
    if isinstance(bounds, str):
        if bounds not in ("full", "partition"):
            raise fault(
                5946802, f"Bounds string must either be 'full' or 'partition', but was '{bounds}'"
            )
        return step, unit, bounds
    return step, unit, _explicit(bounds, unit)


def _explicit(bounds: Any, unit: str | None) -> tuple[Any, Any]:
    if not isinstance(bounds, list) or len(bounds) != 2:
        raise fault(
            5733403,
            "a bounding array in a range statement must have exactly two elements",
        )
    lower, upper = bounds
    dates = [is_date(each) for each in bounds]
    if all(dates):
        if unit is None:
            raise fault(5733501, "A date range requires a unit")
    elif any(dates) or any(
        isinstance(each, bool) or not isinstance(each, int | float | Decimal128) for each in bounds
    ):
        raise fault(
            5733406,
            "a bounding array must contain either both dates or both numeric types",
        )
    elif unit is not None:
        raise fault(5733409, "Numeric bounds may not have unit parameter")
    if sort_key(upper) < sort_key(lower):
        raise fault(
            5733402,
            "the first element of the bounding array must be less than or equal to the second",
        )
    return lower, upper
