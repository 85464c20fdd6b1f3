"""The codec of each type."""

from __future__ import annotations

from functools import lru_cache

from fivefold.values.cql import collections, durations, identities, moments, numbers, strings
from fivefold.values.cql.making import ValueCodec
from fivefold.values.cql.types import CqlType

_SCALARS = {
    **numbers.MAKERS,
    **strings.MAKERS,
    **moments.MAKERS,
    **identities.MAKERS,
    **durations.MAKERS,
}


@lru_cache(maxsize=4096)
def codec_of(type: CqlType) -> ValueCodec:
    """Return the codec of a type, the same one each time."""
    scalar = _SCALARS.get(type)
    if scalar is not None:
        return scalar(type)
    inner = type.parameters or tuple(field for _, field in type.fields)
    return collections.MAKERS[type.name](type, tuple(map(codec_of, inner)))
