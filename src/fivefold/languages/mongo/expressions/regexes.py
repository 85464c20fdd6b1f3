"""$regexMatch, $regexFind, $regexFindAll. Source: manual, each operator's page.

Indexes count code points. Patterns are read as those of the filter's $regex are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bson.regex import Regex

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.expressions.forms import Named, Operator
from fivefold.languages.mongo.expressions.terms import nullish
from fivefold.languages.mongo.patterns import compile_pattern
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document
from fivefold.values.documents.order import flags_text


def _matching(name: str, empty: Any, find: Callable[[re.Pattern[str], str], Any]) -> Named:
    """Return an operator; ``empty`` is what it gives without an input or a pattern."""

    def run(value: Any, regex: Any, options: Any) -> Any:
        if not nullish(value) and not isinstance(value, str):
            raise fault(51104, f"{name} needs 'input' to be of type string")
        pattern = _pattern(name, regex, options)
        if pattern is None or nullish(value):
            return [] if empty is _NONE else empty
        return find(pattern, value)

    return Named(
        run,
        ("input", "regex"),
        ("options",),
        not_object=(51103, "{operator} expects an object of named arguments"),
        unknown=(31024, "{operator} found an unknown argument: {name}"),
        lacking=(31022, "{operator} requires '{name}' parameter"),
        numbers={"input": 31022, "regex": 31023},
    )


def _pattern(name: str, regex: Any, options: Any) -> re.Pattern[str] | None:
    if not nullish(options) and not isinstance(options, str):
        raise fault(51106, f"{name} needs 'options' to be of type string")
    if nullish(regex):
        return None
    letters = "" if nullish(options) else str(options)
    if isinstance(regex, Regex):
        own = flags_text(regex)
        if own and not nullish(options):
            raise fault(
                51107,
                f"{name}: found regex option(s) specified in both 'regex' and 'option' fields",
            )
        text, letters = regex.pattern, letters or own
        text = text if isinstance(text, str) else text.decode()
    elif isinstance(regex, str):
        text = str(regex)
    else:
        raise fault(51105, f"{name} needs 'regex' to be of type string or regex")
    try:
        return compile_pattern(text, letters)
    except FivefoldError as error:
        if error.number == 51091:
            raise fault(51111, f"Invalid Regex in {name}: {error.message}") from None
        if error.number == 51108:
            raise fault(51108, f"{name}: {error.message.strip()}") from None
        raise


def _described(match: re.Match[str]) -> Document:
    return {"match": match[0], "idx": match.start(), "captures": [*match.groups()]}


def _first(pattern: re.Pattern[str], text: str) -> Document | None:
    match = pattern.search(text)
    return None if match is None else _described(match)


_NONE = object()

OPERATORS: dict[str, Operator] = {
    "$regexFind": _matching("$regexFind", None, _first),
    "$regexFindAll": _matching(
        "$regexFindAll",
        _NONE,
        lambda pattern, text: [_described(match) for match in pattern.finditer(text)],
    ),
    "$regexMatch": _matching(
        "$regexMatch", False, lambda pattern, text: pattern.search(text) is not None
    ),
}
