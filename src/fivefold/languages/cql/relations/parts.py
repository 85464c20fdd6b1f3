"""Stored collections taken apart into stored elements."""

from __future__ import annotations

from collections.abc import Callable

from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.collections import take_apart
from fivefold.values.cql.types import CqlType
from fivefold.values.types import Stored

Apart = Callable[[Stored], list[Stored]]


def elements_of(type_: CqlType) -> Apart:
    """Return what gives the elements of a list or set, the values of a map, a tuple's parts."""
    codec = codec_of(type_)
    if type_.name == "map":
        return lambda stored: [value for _, value in take_apart(codec, str(stored))]
    return lambda stored: take_apart(codec, str(stored))


def keys_of(type_: CqlType) -> Apart:
    """Return what gives the keys of a map."""
    codec = codec_of(type_)
    return lambda stored: [key for key, _ in take_apart(codec, str(stored))]


def entries_of(type_: CqlType) -> Callable[[Stored], list[tuple[Stored, Stored]]]:
    """Return what gives the entries of a map."""
    codec = codec_of(type_)
    return lambda stored: take_apart(codec, str(stored))
