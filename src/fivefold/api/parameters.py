"""Python's ``%s`` and ``%(name)s`` in a statement's text, as psycopg and PEP 249 have them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from fivefold.engine.cache import Cache
from fivefold.engine.limits import CACHED_TEXT_CHARS
from fivefold.errors import InvalidStatement, InvalidValue
from fivefold.values.python import from_python
from fivefold.values.types import Kind, Stored, Type

TEXTS_CACHED = 2_000  # converted texts, over all databases of the process

_MARK = re.compile(r"%(?:%|s|\((?P<name>[^)]*)\)s|(?P<wrong>.?))", re.DOTALL)

Converted = tuple[str, tuple[str, ...] | None, int]
"""(text with $1…, the names in order of their numbers or None, the count)."""

_converted: Cache[str, Converted] = Cache(TEXTS_CACHED)

Parameters = Sequence[object] | Mapping[str, object]


def convert(text: str) -> Converted:
    """Return ``text`` with numbered parameters. Raises InvalidStatement for a stray ``%``."""
    known = _converted.get(text)
    if known is not None:
        return known
    names: dict[str, int] = {}
    count = 0

    def number(found: re.Match[str]) -> str:
        nonlocal count
        if found[0] == "%%":
            return "%"
        if found["wrong"] is not None:
            raise InvalidStatement(
                f"a parameter is %s or %(name)s, and a percent sign %%; got {found[0]!r}",
                "syntax_error",
                position=found.start() + 1,
            )
        name = found["name"]
        if name is None:
            count += 1
            return f"${count}"
        return f"${names.setdefault(name, len(names) + 1)}"

    made = _MARK.sub(number, text)
    if names and count:
        raise InvalidStatement("%s and %(name)s cannot be mixed in one statement", "syntax_error")
    converted = (made, tuple(names) if names else None, count or len(names))
    if len(text) <= CACHED_TEXT_CHARS:
        _converted.put(text, converted)
    return converted


def bind(
    text: str, parameters: Parameters
) -> tuple[str, tuple[Stored, ...], tuple[Type | None, ...]]:
    """Return (text with $1…, values in stored form, their types) for one execution."""
    converted, names, count = convert(text)
    if names is not None:
        if not isinstance(parameters, Mapping):
            raise InvalidStatement(
                "named parameters want a mapping", "undefined_parameter", hint="Pass a dict."
            )
        missing = [name for name in names if name not in parameters]
        if missing:
            raise InvalidStatement(f"no value for parameter {missing[0]!r}", "undefined_parameter")
        given: Sequence[object] = [parameters[name] for name in names]
    elif type(parameters) is tuple or type(parameters) is list:
        given = parameters
    else:
        given = _sequence(parameters)
    if len(given) != count:
        raise InvalidStatement(
            f"the statement has {count} parameters but {len(given)} values were given",
            "undefined_parameter",
        )
    pairs = [from_python(value) for value in given]
    return (
        converted,
        tuple([value for _, value in pairs]),
        tuple([None if type_.kind is Kind.UNKNOWN else type_ for type_, _ in pairs]),
    )


def _sequence(parameters: Parameters) -> Sequence[object]:
    if isinstance(parameters, (str, bytes)) or not isinstance(parameters, Sequence):
        raise InvalidValue(
            "parameters are a list or tuple of values, or a dict for %(name)s",
            "invalid_parameter_value",
        )
    return parameters
