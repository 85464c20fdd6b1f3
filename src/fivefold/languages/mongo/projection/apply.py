"""Functions of a projection's tree, by the same shaping of documents that ``$project`` has.

None changes the document that it gets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.languages.mongo.projection.parse import (
    Computed,
    Exclude,
    Include,
    Mode,
    Nested,
    Slice,
)
from fivefold.languages.mongo.stages.shaping import Shape, exclude, include
from fivefold.values.documents.kinds import Document
from fivefold.values.documents.paths import Path

Project = Callable[[Document], Document]


def fields_of(root: Nested, mode: Mode) -> tuple[Project, Shape]:
    """Return what lets the tree's fields through, and the shape that says what is computed."""
    shape = Shape()
    slices: list[tuple[Path, Slice]] = []
    _fill(shape, root, mode, (), slices)
    walk = include if mode == "include" else exclude
    if not slices:
        return lambda document: walk(shape, document), shape

    def project(document: Document) -> Document:
        out = walk(shape, document)
        for path, item in slices:
            out = _sliced(out, path, item)
        return out

    return project, shape


def _fill(
    shape: Shape, node: Nested, mode: Mode, above: Path, slices: list[tuple[Path, Slice]]
) -> None:
    for name, item in node.children.items():
        path = (*above, name)
        if isinstance(item, Nested):
            _fill(shape, item, mode, path, slices)
        elif isinstance(item, Computed):
            shape.add(path, item.term)
        elif isinstance(item, Include if mode == "include" else Exclude):
            shape.add(path, None)
        elif isinstance(item, Slice):
            slices.append((path, item))
            if mode == "include":
                shape.add(path, None)


def _sliced(value: Any, path: Path, item: Slice) -> Any:
    """Return a value in which the arrays at a path are sliced, those in arrays on the way too."""
    if not path:
        return _slice(value, item) if isinstance(value, list) else value
    if isinstance(value, list):
        return [_sliced(each, path, item) for each in value]
    if not isinstance(value, dict) or path[0] not in value:
        return value
    return value | {path[0]: _sliced(value[path[0]], path[1:], item)}


def _slice(array: list[Any], item: Slice) -> list[Any]:
    if item.skip is None:
        return array[: item.count] if item.count >= 0 else array[item.count :]
    start = item.skip if item.skip >= 0 else max(len(array) + item.skip, 0)
    return array[start : start + item.count]
