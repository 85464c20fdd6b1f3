"""How a statement over the shadow reads what is at a path, and what it may be compared with."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final, Literal

from bson.datetime_ms import DatetimeMS
from bson.int64 import Int64
from bson.objectid import ObjectId

from fivefold.models.document import bits
from fivefold.models.document.bits import SEPARATOR
from fivefold.models.document.shadow import DATE, OBJECT_ID
from fivefold.models.document.shape import Shape
from fivefold.plan.statement import Path, Reading
from fivefold.values.documents.order import milliseconds
from fivefold.values.types import FLOAT8, INT8, NUMERIC, TEXT, Kind, Type

_SAYABLE = re.compile(r'[^"\\\x00-\x1f$][^"\\\x00-\x1f]*')
"""The names of fields that every store can be asked for: none of our own, which have a dollar."""

NEVER: Final = "FALSE"

EXACT_MAX = 2**53
"""Up to it a double says an integer exactly."""

Steps = tuple[str, ...]


class Lowering:
    """The paths and parameters of one statement, in the order in which its text names them."""

    __slots__ = ("_array", "_document", "parameters", "paths", "shape", "types", "unwound")

    def __init__(self, shape: Shape, document: Type, unwound: Steps | None = None) -> None:
        self.shape = shape
        self.unwound = unwound
        """The path of an array whose elements, rows of ``u``, stand in its place."""
        self.paths: dict[str, Path] = {}
        self.parameters: list[Any] = []
        self.types: list[Type] = []
        self._document = document
        self._array: Steps | None = None

    def inside(self, steps: Steps) -> Lowering:
        """Return what lowers conditions of an array's elements, the documents in rows of ``e``."""
        made = Lowering(self.shape, self._document)
        made.paths, made.parameters, made.types = self.paths, self.parameters, self.types
        made._array = steps
        return made

    @property
    def is_inside(self) -> bool:
        """Say whether its paths begin in an array's elements."""
        return self._array is not None

    def path(self, steps: Steps, reading: Reading) -> str:
        """Return the text that reads a path."""
        if self._array is not None:
            return self.element(steps, reading)
        unwound = self.unwound
        if unwound is not None and steps[: len(unwound)] == unwound:
            return self._named(Path("u.value", steps[len(unwound) :], reading, element=True))
        return self._named(Path("d.doc", steps, reading))

    def element(self, steps: Steps, reading: Reading) -> str:
        """Return the text that reads a path in a row of ``e``, see ``elements``."""
        return self._named(Path("e.value", steps, reading, element=True))

    def elements(self, steps: Steps) -> str:
        """Return what has an array's elements as rows."""
        return self._named(Path("d.doc", steps, Reading.ELEMENTS))

    def _named(self, path: Path) -> str:
        for name, known in self.paths.items():
            if known == path:
                return f"{{{name}}}"
        name = f"p{len(self.paths)}"
        self.paths[name] = path
        return f"{{{name}}}"

    def text(self, value: str) -> str:
        """Return the mark of a text."""
        return self._parameter(value, TEXT)

    @property
    def exact(self) -> bool:
        """Say whether the store's numbers are decimal digits, and not doubles."""
        return self._document.kind is Kind.JSONB

    def number(self, value: float) -> str:
        """Return the mark of a finite number; PostgreSQL compares exactly only what is numeric."""
        if self.exact:
            return self._parameter(repr(value), NUMERIC)
        if value.__class__ is float:
            return self._parameter(value, FLOAT8)
        return self._parameter(int(value), INT8)

    def integer(self, value: int) -> str:
        """Return the mark of an integer of 64 bits."""
        return self._parameter(value, INT8)

    def _parameter(self, value: Any, type_: Type) -> str:
        self.parameters.append(value)
        self.types.append(type_)
        return "?"

    def undo(self, mark: int) -> None:
        """Forget the parameters after the first ``mark``."""
        del self.parameters[mark:], self.types[mark:]

    # What a path may lead to

    def kinds(self, steps: Steps) -> int | None:
        """Return what may be at a path, None if it may lead through an array, or nobody knows."""
        if not all(map(_SAYABLE.fullmatch, steps)):
            return None
        path, rest, unwound = "", steps, self.unwound
        if self._array is not None:
            path = SEPARATOR.join((*self._array, bits.ELEMENTS))
        if unwound is not None:
            if steps[: len(unwound)] == unwound:
                path, rest = SEPARATOR.join((*unwound, bits.ELEMENTS)), steps[len(unwound) :]
                if rest and self.shape.bits(path) & (bits.ARRAY | bits.DEEP):
                    return None
            elif unwound[: len(steps)] == steps:
                return None  # it holds the array as it was
        for step in rest[:-1]:
            path = path + SEPARATOR + step if path else step
            if self.shape.bits(path) & (bits.ARRAY | bits.DEEP):
                return None
        found = self.shape.bits(SEPARATOR.join([path, *rest[-1:]] if path else rest[-1:]))
        return None if found & bits.DEEP else found

    def within(self, steps: Steps) -> int | None:
        """Return what the elements may be of the arrays that are at a path among other things."""
        if self._array is not None:
            return None  # one array within another
        if self.unwound is not None and steps[: len(self.unwound)] == self.unwound:
            return None
        return self.shape.bits(SEPARATOR.join((*steps, bits.ELEMENTS)))

    def array_on(self, steps: Steps) -> tuple[Steps, Steps] | None:
        """Return the array that a path leads through, and the way on from its documents.

        None if there is none, if another value may be in its place that has fields, or if a number
        may be an element's.
        """
        if self._array is not None or self.unwound is not None:
            return None
        for at in range(1, len(steps)):
            found = self.shape.bits(SEPARATOR.join(steps[:at]))
            if found & bits.ARRAY:
                plain = all(map(_SAYABLE.fullmatch, steps))
                numbered = any(step.isdigit() for step in steps[at:])
                others = found & (bits.OBJECT | bits.DEEP)
                return None if others or numbered or not plain else (steps[:at], steps[at:])
        return None


def readable(
    lowering: Lowering, path: Steps, kinds: int, value: Any, *, exactly: bool
) -> tuple[Steps, Reading] | Literal["FALSE"] | None:
    """Return how to read what may be compared with a value; NEVER: there is nothing of its type.

    None: the shadow does not tell. ``exactly`` is the value asked for, not what is beside it.
    """
    cls = value.__class__
    if cls is bool:
        if not exactly:
            return None
        return _reading(path, kinds, bits.BOOL, Reading.BOOLEAN, Reading.PLAIN_BOOLEAN)
    if cls in (int, Int64, float):
        if kinds & bits.OTHER or value - value != 0:
            return None  # decimals and infinities compare with numbers too
        if lowering.exact and abs(value) > EXACT_MAX and kinds & (bits.DOUBLE | bits.LONG):
            return None  # the digits of a large double are not all of it
        return _reading(path, kinds, bits.NUMBERS, Reading.NUMBER, Reading.PLAIN_NUMBER)
    if cls is str:
        if "\0" in value or (kinds & bits.OTHER and not exactly):
            return None
        return _reading(path, kinds, bits.STRING, Reading.TEXT, Reading.PLAIN_TEXT)
    if cls is ObjectId:
        return ((*path, OBJECT_ID), Reading.TEXT) if kinds & bits.OBJECT_ID else NEVER
    if cls is datetime or cls is DatetimeMS:
        return ((*path, DATE), Reading.INTEGER) if kinds & bits.DATE else NEVER
    return None


def _reading(
    path: Steps, kinds: int, wanted: int, alone: Reading, among: Reading
) -> tuple[Steps, Reading] | Literal["FALSE"]:
    if not kinds & wanted:
        return NEVER
    return path, among if kinds & ~(wanted | bits.NULL) else alone


def mark(lowering: Lowering, value: Any) -> str:
    """Return the mark of a value that ``readable`` accepted."""
    cls = value.__class__
    if cls is bool:
        return lowering.integer(int(value))
    if cls is str:
        return lowering.text(value)
    if cls is ObjectId:
        return lowering.text(str(value))
    if cls is datetime or cls is DatetimeMS:
        return lowering.integer(milliseconds(value))
    return lowering.number(value)
