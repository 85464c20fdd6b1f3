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


class Loading:
    """How the values of a statement's markers get into the store."""

    __slots__ = ("_ways", "specs", "text")

    def __init__(self, text: str, specs: Sequence[ColumnSpec]) -> None:
        self.text = text
        self.specs = specs
        self._ways = [codec_of(spec.type).from_program for spec in specs]

    def stored(self, given: Sequence[Any] | Mapping[str, Any]) -> Sequence[Any]:
        """Return a program's values in stored form, in the order of the markers."""
        if isinstance(given, Mapping):
            given = self._in_order(given)
        elif len(given) != len(self._ways):
            raise invalid(
                f"the statement has {len(self._ways)} markers, but {len(given)} values were given",
                "wrong_parameter_count",
            )
        return [
            value if value is None or value is UNSET else way(value)
            for way, value in zip(self._ways, given, strict=True)
        ]

    def _in_order(self, given: Mapping[str, Any]) -> Sequence[Any]:
        for spec in self.specs:
            if spec.name not in given:
                raise invalid(
                    f"no value is given for the marker {spec.name}", "undefined_parameter"
                )
        return [given[spec.name] for spec in self.specs]
