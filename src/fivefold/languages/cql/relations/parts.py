"""Stored collections taken apart into stored elements."""

from __future__ import annotations

from collections.abc import Callable

from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.types import CqlType
from fivefold.values.types import Stored

Apart = Callable[[Stored], list[Stored]]


def elements_of(type_: CqlType) -> Apart:
    """Return what gives the elements of a list or set, the values of a map, a tuple's parts."""
    whole = codec_of(type_)
    if type_.name == "tuple":
        parts = [codec_of(each) for each in type_.parameters]

        def apart(stored: Stored) -> list[Stored]:
            plain = whole.to_plain(stored)
            found: list[Stored] = [
                part.from_plain(each) for part, each in zip(parts, plain, strict=False)
            ]
            return found + [None] * (len(parts) - len(found))

        return apart
    element = codec_of(type_.parameters[-1])
    if type_.name == "map":
        return lambda stored: [element.from_plain(each) for each in whole.to_plain(stored).values()]
    return lambda stored: [element.from_plain(each) for each in whole.to_plain(stored)]


def keys_of(type_: CqlType) -> Apart:
    """Return what gives the keys of a map."""
    whole, key = codec_of(type_), codec_of(type_.parameters[0])
    return lambda stored: [key.from_plain(each) for each in whole.to_plain(stored)]


def entries_of(type_: CqlType) -> Callable[[Stored], list[tuple[Stored, Stored]]]:
    """Return what gives the entries of a map."""
    whole = codec_of(type_)
    key, value = (codec_of(each) for each in type_.parameters)
    return lambda stored: [
        (key.from_plain(one), value.from_plain(other))
        for one, other in whole.to_plain(stored).items()
    ]
