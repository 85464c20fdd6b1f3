"""Attributes by name, and sets of them as bits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fivefold.errors import InvalidStatement


def bits(attributes: int) -> Iterator[int]:
    """Yield each attribute of the set, as a set of one, the first attribute first."""
    while attributes:
        one = attributes & -attributes
        yield one
        attributes ^= one


def order(attributes: int) -> tuple[int, ...]:
    """Return what sorts sets of attributes as people list them: by size, then by place."""
    places = tuple(one.bit_length() for one in bits(attributes))
    return (len(places), *places)


@dataclass(frozen=True, slots=True)
class Heading:
    """The attributes of a relation, in order; each name is there once."""

    names: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a name that is empty or there twice."""
        for place, name in enumerate(self.names):
            if not name:
                raise InvalidStatement(
                    "an attribute has no name", hint="Write them by comma: a, b, c."
                )
            if name in self.names[:place]:
                raise InvalidStatement(
                    f'attribute "{name}" is there twice',
                    "duplicate_column",
                    hint="Give each attribute a name of its own.",
                )

    @property
    def all(self) -> int:
        """Return the set of all attributes."""
        return (1 << len(self.names)) - 1

    def set_of(self, names: Iterable[str]) -> int:
        """Return the set of these names. Raises InvalidStatement for one that is not there."""
        found = 0
        for name in names:
            if name not in self.names:
                raise InvalidStatement(
                    f'there is no attribute "{name}"',
                    "undefined_column",
                    hint=f"The attributes are {', '.join(self.names)}.",
                )
            found |= 1 << self.names.index(name)
        return found

    def names_of(self, attributes: int) -> list[str]:
        """Return the names of a set, in the heading's order."""
        return [name for place, name in enumerate(self.names) if attributes >> place & 1]

    def text(self, attributes: int) -> str:
        """Return the set as people write it: ``a, b``; nothing is ``∅``."""
        return ", ".join(self.names_of(attributes)) or "∅"


def split_names(text: str) -> list[str]:
    """Return the names in ``a, b, "c, d"``: by comma, in double quotes where they hold one."""
    names: list[str] = []
    rest = text.strip()
    while rest:
        if rest.startswith('"'):
            name, quote, rest = rest[1:].partition('"')
            if not quote:
                raise InvalidStatement(f"a quote is not closed in {text!r}", hint='Close it: "a b"')
            rest = rest.lstrip()
            if rest and not rest.startswith(","):
                raise InvalidStatement(f"a comma is missing in {text!r}", hint='As in "a b", c.')
            has_comma, rest = rest[:1], rest[1:]
        else:
            name, has_comma, rest = rest.partition(",")
            name = name.strip()
        names.append(name)
        rest = rest.lstrip()
        if has_comma and not rest:
            names.append("")
    return names
