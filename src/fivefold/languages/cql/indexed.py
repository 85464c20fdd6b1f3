"""Indexes that are tables of their own: which they are, and what keys a row has in them.

They are those of collections, of which each element is a key, and of columns whose values may be
equal though their stored forms are not. A key only leads to rows that may be meant: the bytes of an
entry's key and value stand one after the other, and what has expired leads there still.
"""

from __future__ import annotations

from collections.abc import Callable

from fivefold.languages.cql.relations.filters import comparable
from fivefold.languages.cql.relations.parts import elements_of, entries_of, keys_of
from fivefold.languages.cql.tables import Column
from fivefold.values.cql.codecs import codec_of
from fivefold.values.types import Stored

Keys = Callable[[Stored], set[bytes]]


def is_tabled(column: Column) -> bool:
    """Say whether an index of a column is a table of its own."""
    return column.kind in ("static", "regular") and comparable(column.codec) is not None


def index_keys(column: Column, target: str) -> Keys:
    """Return what gives the keys of a column's value; ``target`` as in ``FamilyIndex``."""
    codec = column.codec
    if not codec.type.is_collection or target == "full":
        return lambda stored: {codec.to_key(stored)}
    codecs = [codec_of(each) for each in codec.type.parameters]
    first, last = codecs[0].to_key, codecs[-1].to_key
    if target == "keys":
        keys = keys_of(codec.type)
        return lambda stored: {first(each) for each in keys(stored)}
    if target == "entries":
        entries = entries_of(codec.type)
        return lambda stored: {first(key) + last(value) for key, value in entries(stored)}
    elements = elements_of(codec.type)
    return lambda stored: {last(each) for each in elements(stored)}
