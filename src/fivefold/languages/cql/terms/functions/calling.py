"""Calls as closures: values taken out of their stored forms, and results put into them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fivefold.languages.cql.run import Run
from fivefold.languages.cql.terms.functions.javamath import BITS
from fivefold.languages.cql.terms.functions.signatures import Function
from fivefold.languages.cql.terms.selected import RowValue
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.types import CqlType
from fivefold.values.types import Stored

SAME = frozenset((*BITS, "ascii", "text", "blob", "date", "time", "timestamp"))
"""Types whose stored and plain forms are the same."""


def to_plain(type: CqlType) -> Callable[[Stored], Any] | None:
    """Return what makes a plain value of a stored one, None where there is nothing to do."""
    return None if type.name in SAME else codec_of(type).to_plain


def to_stored(type: CqlType) -> Callable[[Any], Stored] | None:
    """Return what makes a stored value of a plain one, None where there is nothing to do."""
    return None if type.name in SAME else codec_of(type).from_plain


def called(function: Function, arguments: Sequence[RowValue]) -> RowValue:
    """Return a function's value for those of its arguments."""
    call, takes_null = function.call, function.takes_null
    taken = [None if function.stored else to_plain(type) for type in function.arguments]
    given = None if function.stored else to_stored(function.returns)
    if len(arguments) == 1 and not takes_null and not function.needs_run:
        return _called_with_one(call, arguments[0], taken[0], given)
    pairs = list(zip(arguments, taken, strict=True))
    needs_run = function.needs_run

    def value(run: Run, row: Sequence[Stored]) -> Stored:
        values = []
        for argument, take in pairs:
            found: Any = argument(run, row)
            if found is None and not takes_null:
                return None
            values.append(found if take is None or found is None else take(found))
        result = call(run, *values) if needs_run else call(*values)
        return result if given is None or result is None else given(result)

    return value


def _called_with_one(
    call: Callable[[Any], Any],
    argument: RowValue,
    take: Callable[[Stored], Any] | None,
    give: Callable[[Any], Stored] | None,
) -> RowValue:
    def value(run: Run, row: Sequence[Stored]) -> Stored:
        found = argument(run, row)
        if found is None:
            return None
        result = call(found if take is None else take(found))
        return result if give is None or result is None else give(result)

    return value
