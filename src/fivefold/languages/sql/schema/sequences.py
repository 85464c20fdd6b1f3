"""Makes and changes sequences.

Source: the PostgreSQL manual, "CREATE SEQUENCE" and "ALTER SEQUENCE".
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import Sequence
from fivefold.errors import InvalidValue
from fivefold.languages.sql.bind.names import named_type
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.definitions import USUAL, SequenceOptions
from fivefold.values.types import INT8, INTEGER_RANGE, INTEGERS, Type

_NO_CATALOG = Context(Catalog())
"""A sequence's type is one of three, none of them the catalog's."""


def make_sequence(
    namespace: str, name: str, options: SequenceOptions, type_: Type = INT8
) -> Sequence:
    """Return the sequence that the options ask for; raises InvalidValue for what cannot be."""
    if options.type is not None:
        type_ = _type(options)
    return _checked(Sequence(namespace, name, type_), options, options.start)


def altered(sequence: Sequence, options: SequenceOptions) -> Sequence:
    """Return the sequence with these options changed; limits that were the type's own follow it."""
    type_ = sequence.type if options.type is None else _type(options)
    low, high = INTEGER_RANGE[sequence.type.kind]
    down = sequence.increment < 0
    usual = (low, -1) if down else (1, high)
    given: dict[str, Any] = {
        "minimum": sequence.minimum if sequence.minimum != usual[0] else None,
        "maximum": sequence.maximum if sequence.maximum != usual[1] else None,
        "increment": sequence.increment,
        "cycle": sequence.cycle,
        "cache": sequence.cache,
        "start": sequence.start,
    }
    given |= {key: value for key in given if (value := getattr(options, key)) is not None}
    return _checked(replace(sequence, type=type_), SequenceOptions(**given), given["start"])


def _type(options: SequenceOptions) -> Type:
    assert options.type is not None
    type_ = named_type(options.type, _NO_CATALOG)
    if type_.kind not in INTEGERS:
        raise InvalidValue("sequence type must be smallint, integer, or bigint")
    return type_


def _checked(sequence: Sequence, options: SequenceOptions, start: int | None) -> Sequence:
    """Return the sequence with the options' numbers; what was not said is as is usual."""
    type_ = sequence.type
    low, high = INTEGER_RANGE[type_.kind]
    increment = 1 if options.increment is None else options.increment
    if increment == 0:
        raise InvalidValue("INCREMENT must not be zero")
    minimum, maximum = options.minimum, options.maximum
    if minimum is None or minimum == USUAL:
        minimum = 1 if increment > 0 else low
    if maximum is None or maximum == USUAL:
        maximum = high if increment > 0 else -1
    if not low <= minimum <= high:
        raise InvalidValue(f"MINVALUE ({minimum}) is out of range for sequence data type {type_}")
    if not low <= maximum <= high:
        raise InvalidValue(f"MAXVALUE ({maximum}) is out of range for sequence data type {type_}")
    if minimum >= maximum:
        raise InvalidValue(f"MINVALUE ({minimum}) must be less than MAXVALUE ({maximum})")
    if start is None:
        start = minimum if increment > 0 else maximum
    if start < minimum:
        raise InvalidValue(f"START value ({start}) cannot be less than MINVALUE ({minimum})")
    if start > maximum:
        raise InvalidValue(f"START value ({start}) cannot be greater than MAXVALUE ({maximum})")
    return replace(
        sequence,
        start=start,
        increment=increment,
        minimum=minimum,
        maximum=maximum,
        cycle=bool(options.cycle),
        cache=options.cache or 1,
    )


def restarted(sequence: Sequence, options: SequenceOptions) -> int | None:
    """Return the value that RESTART asks for, None if it was not said."""
    if options.restart is None:
        return None
    value = sequence.start if options.restart == USUAL else options.restart
    if value < sequence.minimum:
        raise InvalidValue(
            f"RESTART value ({value}) cannot be less than MINVALUE ({sequence.minimum})"
        )
    if value > sequence.maximum:
        raise InvalidValue(
            f"RESTART value ({value}) cannot be greater than MAXVALUE ({sequence.maximum})"
        )
    return value
