"""Makes and changes sequences.

Source: the PostgreSQL manual, "CREATE SEQUENCE" and "ALTER SEQUENCE".
"""

from __future__ import annotations

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import Sequence
from fivefold.errors import InvalidValue
from fivefold.languages.sql.bind.names import named_type
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.definitions import SequenceOptions
from fivefold.values.types import INT8, INTEGER_RANGE, INTEGERS, Type

_NO_CATALOG = Context(Catalog())
"""A sequence's type is one of three, none of them the catalog's."""


def make_sequence(
    namespace: str, name: str, options: SequenceOptions, type_: Type = INT8
) -> Sequence:
    """Return the sequence that the options ask for; raises InvalidValue for what cannot be."""
    if options.type is not None:
        type_ = named_type(options.type, _NO_CATALOG)
    if type_.kind not in INTEGERS:
        raise InvalidValue("sequence type must be smallint, integer, or bigint")
    low, high = INTEGER_RANGE[type_.kind]
    increment = 1 if options.increment is None else options.increment
    if increment == 0:
        raise InvalidValue("INCREMENT must not be zero")
    minimum = options.minimum if options.minimum is not None else (1 if increment > 0 else low)
    maximum = options.maximum if options.maximum is not None else (high if increment > 0 else -1)
    if not low <= minimum <= high:
        raise InvalidValue(f"MINVALUE ({minimum}) is out of range for sequence data type {type_}")
    if not low <= maximum <= high:
        raise InvalidValue(f"MAXVALUE ({maximum}) is out of range for sequence data type {type_}")
    if minimum >= maximum:
        raise InvalidValue(f"MINVALUE ({minimum}) must be less than MAXVALUE ({maximum})")
    start = options.start if options.start is not None else (minimum if increment > 0 else maximum)
    if start < minimum:
        raise InvalidValue(f"START value ({start}) cannot be less than MINVALUE ({minimum})")
    if start > maximum:
        raise InvalidValue(f"START value ({start}) cannot be greater than MAXVALUE ({maximum})")
    return Sequence(namespace, name, type_, start, increment, minimum, maximum, bool(options.cycle))
