"""Filters as ranges of an index's keys.

The parts of an index are taken in turn as long as the filter says which values they have to have;
the first that it gives a range ends them. What the ranges hold is at least what the filter
matches: a predicate that they say exactly is *covered*, and need not be looked at again.

On a path that may lead through an array a document has several keys, and two predicates may be met
by two of them: only one of the predicates then bounds the scan (manual, "Multikey Index Bounds").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fivefold.catalog.containers import DocumentIndex
from fivefold.languages.mongo.lower.prefixes import is_of_texts, prefix_of
from fivefold.languages.mongo.match.tree import And, Compare, In, Node, Regex
from fivefold.models.document import bits
from fivefold.models.document.bits import SEPARATOR
from fivefold.models.document.indexes import HASHED, hashed
from fivefold.models.document.keys import BRACKETS, HIGHEST, LOWEST, complement, key_of
from fivefold.models.document.shape import Shape
from fivefold.values.documents.kinds import Kind, kind_of

INTERVALS_MAX = 2_000
"""Ranges of one scan: what values for several parts multiply to."""

Interval = tuple[bytes, bytes]
"""The lowest key, and one above the highest."""

Bounding = Compare | In | Regex

_NOT_A_NUMBER = key_of(float("nan"))


@dataclass(frozen=True, slots=True)
class Bounds:
    """The ranges of keys of an index in which the documents are, in rising order.

    ``equal`` is how many parts have given values, ``ranged`` whether the next one has a range.
    ``covered`` are the predicates, the same objects, that the ranges say exactly; ``nodes`` are
    those that each bounded part comes from.
    """

    intervals: tuple[Interval, ...]
    equal: int
    ranged: bool
    covered: tuple[Node, ...]
    nodes: tuple[tuple[Node, ...], ...] = ()

    @property
    def bounded(self) -> bool:
        """Say whether they leave anything out."""
        return self.equal > 0 or self.ranged


EVERYTHING = Bounds(((LOWEST, HIGHEST),), 0, False, ())


def conjuncts(node: Node) -> tuple[Node, ...]:
    """Return the predicates that all have to hold."""
    return node.nodes if isinstance(node, And) else (node,)


def is_multikey(shape: Shape, path: tuple[str, ...]) -> bool:
    """Say whether a document may have several keys at a path."""
    above = ""
    for step in path:
        above = above + SEPARATOR + step if above else step
        if shape.bits(above) & (bits.ARRAY | bits.DEEP):
            return True
    return False


def bounds(index: DocumentIndex, shape: Shape, predicates: Iterable[Node]) -> Bounds:
    """Return the ranges of an index's keys in which a filter's documents are."""
    by_path: dict[tuple[str, ...], list[Bounding]] = {}
    for node in predicates:
        if (
            isinstance(node, Compare)
            or (isinstance(node, In) and not node.patterns)
            or (isinstance(node, Regex) and is_of_texts(shape, node.path))
        ):
            by_path.setdefault(node.path, []).append(node)
    prefixes = [b""]
    covered: list[Node] = []
    sources: list[tuple[Node, ...]] = []
    for number, (text, way) in enumerate(index.parts):
        path = tuple(text.split("."))
        nodes = by_path.get(path, [])
        exact = not any(step.isdigit() for step in path)
        points = _points(nodes, way, index.sparse)
        if points is not None:
            keys, node, is_exact = points
            if len(prefixes) * len(keys) > INTERVALS_MAX:
                return _ended(prefixes, number, covered, sources)
            prefixes = [prefix + key for prefix in prefixes for key in keys]
            if exact and is_exact:
                covered.append(node)
            sources.append((node,))
            continue
        ranges = _range(nodes, way, multikey=is_multikey(shape, path))
        if ranges is None:
            return _ended(prefixes, number, covered, sources)
        (low, high), used = ranges
        if exact:
            covered += used
        intervals = [(prefix + low, prefix + high) for prefix in prefixes]
        sources.append(tuple(used))
        ordered = tuple(sorted(intervals))
        return Bounds(ordered, number, True, tuple(covered), tuple(sources))
    return _ended(prefixes, len(index.parts), covered, sources)


def _ended(
    prefixes: list[bytes], equal: int, covered: list[Node], sources: list[tuple[Node, ...]]
) -> Bounds:
    if equal == 0:
        return EVERYTHING
    intervals = sorted((prefix, prefix + HIGHEST) for prefix in set(prefixes))
    return Bounds(tuple(intervals), equal, False, tuple(covered), tuple(sources))


def _points(
    nodes: list[Bounding], way: int | str, sparse: bool
) -> tuple[list[bytes], Node, bool] | None:
    """Return the keys of the values that a part has to have, the predicate, whether exactly so."""
    for node in nodes:
        if isinstance(node, Compare) and node.op == "$eq":
            values: tuple[Any, ...] = (node.value,)
        elif isinstance(node, In):
            values = node.values
        else:
            continue
        if any(value.__class__ is list for value in values) or (sparse and None in values):
            continue
        keys = [_directed(key_of(value), way) for value in values]
        return list(dict.fromkeys(keys)), node, None not in values and way != HASHED
    return None


def _directed(key: bytes, way: int | str) -> bytes:
    if way == HASHED:
        return hashed(key)
    return complement(key) if way == -1 else key


def _range(
    nodes: list[Bounding], way: int | str, *, multikey: bool
) -> tuple[Interval, list[Node]] | None:
    """Return the range of a part's keys, and the predicates that it says exactly."""
    if way == HASHED:
        return None
    low, high = (LOWEST, HIGHEST), (HIGHEST, LOWEST)
    used: list[Node] = []
    for node in nodes:
        if isinstance(node, In) or (isinstance(node, Compare) and node.op == "$eq"):
            continue
        one, exact = _beginning(node) if isinstance(node, Regex) else (_interval(node), True)
        if one is None:
            continue
        low, high = max(low, one[0]), min(high, one[1])
        if exact:
            used.append(node)
        if multikey:
            break
    if low[0] == LOWEST and high[0] == HIGHEST:
        return None
    return ((high[1], low[1]) if way == -1 else (low[0], high[0])), used


Bound = tuple[bytes, bytes]
"""A bound of an ascending part, and the same one of a descending part, whose bytes are turned."""


def _before(key: bytes) -> Bound:
    return key, complement(key) + HIGHEST


def _after(key: bytes) -> Bound:
    return key + HIGHEST, complement(key)


def _edge(byte: int) -> Bound:
    """Return the bound in front of all keys that begin with a byte."""
    return bytes([byte]), bytes([256 - byte])


def _beginning(node: Regex) -> tuple[tuple[Bound, Bound] | None, bool]:
    """Return the keys of texts with a pattern's prefix, and whether it finds all of them."""
    found = prefix_of(node)
    if found is None:
        return None, False
    key = key_of(found[0])[:-1]  # without the byte that ends a text
    turned = complement(key)
    return ((key, _raised(turned)), (_raised(key), turned)), found[1]


def _raised(key: bytes) -> bytes:
    """Return the bound behind all keys that begin with these bytes, of a text's characters."""
    return key[:-1] + bytes([key[-1] + 1])


def _interval(node: Compare) -> tuple[Bound, Bound] | None:
    """Return the keys of a part that a comparison with a value of one type allows."""
    kind = kind_of(node.value)
    if kind in (Kind.ARRAY, Kind.NULL, Kind.MIN_KEY, Kind.MAX_KEY, Kind.REGEX, Kind.OBJECT):
        return None
    if node.value != node.value:  # NaN
        return None
    key = key_of(node.value)
    bracket = BRACKETS[kind]
    # NaN is below all numbers, but no comparison finds it.
    lowest = _after(_NOT_A_NUMBER) if bracket == _NOT_A_NUMBER[:1] else _edge(bracket[0])
    highest = _edge(bracket[0] + 1)
    return {
        "$gt": (_after(key), highest),
        "$gte": (_before(key), highest),
        "$lt": (lowest, _before(key)),
        "$lte": (lowest, _after(key)),
    }[node.op]
