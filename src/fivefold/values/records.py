"""Immutable records: what frozen, slotted dataclasses are, at a hundredth of their cost to define.

A dataclass takes about a millisecond of a program's start, most of it for methods of classes that
this program never uses. A class made from ``Record`` compiles its ``__init__`` when its first
object is made. That fields do not change is for the type checker to see to, which also lets
``__init__`` store them without detours.
"""

from __future__ import annotations

import typing
from operator import attrgetter

_Made = typing.TypeVar("_Made", bound="Record")


@typing.dataclass_transform(frozen_default=True)
class _Recorded(type):
    """Makes slots of the annotated names; defaults are values that are never changed."""

    __match_args__: tuple[str, ...]

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, typing.Any]) -> _Recorded:
        own = tuple(body.get("__annotations__", ()))
        (base,) = bases or (None,)
        defaults = {field: body.pop(field) for field in own if field in body}
        body["__slots__"] = own
        body["__match_args__"] = (*getattr(base, "__match_args__", ()), *own)
        body["_defaults"] = {**getattr(base, "_defaults", {}), **defaults}
        body["__init__"] = _first_init
        return super().__new__(cls, name, bases, body)


def _first_init(record: typing.Any, *values: object, **named: object) -> None:
    """Compile the class's own ``__init__`` and go on with it."""
    kind = type(record)
    fields, defaults = kind.__match_args__, kind._defaults
    places = [f"{one}=_defaults[{one!r}]" if one in defaults else one for one in fields]
    stores = "; ".join([f"self.{one} = {one}" for one in fields])
    made: dict[str, typing.Any] = {}
    text = f"def __init__({', '.join(['self', *places])}) -> None: {stores or 'pass'}"
    exec(text, {"_defaults": defaults}, made)
    kind.__init__ = made["__init__"]
    kind.__init__(record, *values, **named)


class Record(metaclass=_Recorded):
    """A record. Two are equal if they are of one class and their fields are."""

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return _values(self) == _values(other)

    def __hash__(self) -> int:
        return hash(_values(self))

    def __repr__(self) -> str:
        shown = ", ".join([f"{one}={getattr(self, one)!r}" for one in names_of(self)])
        return f"{type(self).__name__}({shown})"


def names_of(record: Record) -> tuple[str, ...]:
    """Return the names of a record's fields, in order."""
    return type(record).__match_args__


def _values(record: Record) -> object:
    names = names_of(record)
    return attrgetter(*names)(record) if names else ()


def changed(record: _Made, **fields: typing.Any) -> _Made:
    """Return the record with some fields changed."""
    known = {one: getattr(record, one) for one in names_of(record)}
    return type(record)(**{**known, **fields})
