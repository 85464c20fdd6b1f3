"""What a program passes for the markers of a statement."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from fivefold.languages.cql.results import ColumnSpec
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.types import UNSET

_PARTS = re.compile(
    r"""('(?:[^']|'')*'|"(?:[^"]|"")*"|\$\$.*?\$\$|--[^\n]*|//[^\n]*|/\*.*?\*/)"""
    r"""|%(?:\((\w+)\))?s|%%""",
    re.DOTALL,
)


@lru_cache(maxsize=1_000)
def with_markers(text: str) -> str:
    """Return a statement with ``?`` and ``:name`` where it has ``%s`` and ``%(name)s``.

    Cassandra's Python driver takes the latter in statements that are not prepared. ``%%`` is a
    single one beside them.
    """
    if "%" not in text:
        return text
    found = [part for part in _PARTS.finditer(text) if part[1] is None]
    if all(part[0] == "%%" for part in found):
        return text

    def marked(part: re.Match[str]) -> str:
        if part[1] is not None:
            return part[1]
        if part[0] == "%%":
            return "%"
        return "?" if part[2] is None else f':"{part[2]}"'

    return _PARTS.sub(marked, text)


def stored(specs: Sequence[ColumnSpec], given: Sequence[Any] | Mapping[str, Any]) -> Sequence[Any]:
    """Return a program's values in stored form, in the order of the markers."""
    if isinstance(given, Mapping):
        missing = [spec.name for spec in specs if spec.name not in given]
        if missing:
            raise invalid(f"no value is given for the marker {missing[0]}", "undefined_parameter")
        given = [given[spec.name] for spec in specs]
    elif len(given) != len(specs):
        raise invalid(
            f"the statement has {len(specs)} markers, but {len(given)} values were given",
            "wrong_parameter_count",
        )
    return [
        value if value is None or value is UNSET else codec_of(spec.type).from_program(value)
        for spec, value in zip(specs, given, strict=True)
    ]
