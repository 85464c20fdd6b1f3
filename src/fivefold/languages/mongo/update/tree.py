"""The paths of an update's operators as one tree, and how it is walked along a document.

Each operator on each path is a *leaf*; above it stand *fields* (reached by name or index, and by
the positional ``$``) and *elements* (``$[]`` and ``$[identifier]``). No leaf may stand where
another path goes on: that is a conflict, found while the tree grows, or, where ``$`` and ``$[]``
decide only with a document in hand which places are meant, while it is walked.

A walk gives a node the value at its place (``MISSING`` for none) and gets the value that shall
stand there: the same object if nothing changes, ``MISSING`` if it shall go. So the given
document is never changed, and whatever lies beside the paths is shared with the new one.

Fields are gone through in lexicographic order, numbers by value (manual, "Update Operators
Behavior"), whatever order the update names them in; that is the order in which new fields appear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cmp_to_key
from typing import Any, Literal

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.update.filters import ArrayFilters, identifier_of
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING, Document
from fivefold.values.documents.paths import PADDING_MAX, Path, index_of
from fivefold.values.documents.text import shown_field


@dataclass(slots=True)
class Application:
    """One application of an update to one document."""

    root: Document
    position: int | None
    now: datetime
    is_insert: bool


Change = Callable[[Any, Application, Path], Any]
"""What a leaf does: (value or MISSING, the application, the path taken) to the new value."""

Absent = Literal["create", "check", "ignore"]
"""What a leaf does where its path does not exist: make it; nothing, but the path must be one that
could be made; nothing at all."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One operator at the end of one path.

    ``depth`` is how many levels it puts there, 0 for what is neither document nor array.
    """

    change: Change
    absent: Absent = "create"
    depth: int = 0

    def blocked(self, holder: Any, at: Application, taken: Path, rest: Path) -> None:
        """Say what is in the way: ``holder``, at ``taken``, has no room for ``rest``."""
        if self.absent == "ignore":
            return
        if self.absent == "check":
            raise fault(
                28,
                f"Cannot use the part ({rest[0]}) of ({'.'.join(taken + rest)}) to traverse the"
                f" element ({{{shown_field(taken[-1], holder)}}})",
            )
        if self.change(MISSING, at, taken + rest) is not MISSING:
            raise fault(
                28,
                f"Cannot create field '{rest[0]}' in element {{{shown_field(taken[-1], holder)}}}",
            )


@dataclass(slots=True)
class Fields:
    """What happens inside a document, or by index inside an array."""

    children: dict[str, Node] = field(default_factory=dict)
    positional: Node | None = None

    def get(self, name: str) -> Node | None:
        return self.positional if name == "$" else self.children.get(name)

    def put(self, name: str, node: Node) -> None:
        if name == "$":
            self.positional = node
            return
        self.children[name] = node
        self.children = {each: self.children[each] for each in sorted(self.children, key=_by_name)}

    def change(self, old: Any, at: Application, taken: Path) -> Any:
        if isinstance(old, dict):
            return self._in_document(old, at, taken)
        if isinstance(old, list):
            return self._in_array(old, at, taken)
        if old is MISSING:
            return self._in_document({}, at, taken) or MISSING
        self.blocked(old, at, taken, ())
        return old

    def _in_document(self, old: Document, at: Application, taken: Path) -> Document:
        new = old
        for name, child in self.steps(at, taken):
            before = new.get(name, MISSING)
            after = child.change(before, at, (*taken, name))
            if after is before:
                continue
            if new is old:
                new = old.copy()
            if after is MISSING:
                del new[name]
            else:
                new[name] = after
        return new

    def _in_array(self, old: list[Any], at: Application, taken: Path) -> list[Any]:
        new = old
        for name, child in self.steps(at, taken):
            index = index_of(name)
            if index is None:
                child.blocked(new, at, taken, (name,))
                continue
            before = new[index] if index < len(new) else MISSING
            after = child.change(before, at, (*taken, name))
            if after is before:
                continue
            if new is old:
                new = old.copy()
            if before is MISSING:
                _pad(new, index)
                new.append(after)
            else:
                new[index] = None if after is MISSING else after
        return new

    def blocked(self, holder: Any, at: Application, taken: Path, rest: Path) -> None:
        for name, child in self.steps(at, taken + rest):
            child.blocked(holder, at, taken, (*rest, name))

    def steps(self, at: Application, taken: Path) -> Iterator[tuple[str, Node]]:
        """Yield names and nodes in order, the positional ``$`` as the index it stands for."""
        if self.positional is None:
            yield from self.children.items()
            return
        if at.position is None:
            text = "The positional operator did not find the match needed from the query."
            raise fault(2, text)
        name = str(at.position)
        children = dict(self.children)
        child = children.get(name)
        children[name] = (
            self.positional if child is None else merge(child, self.positional, (*taken, name))
        )
        yield from sorted(children.items(), key=lambda step: _by_name(step[0]))


@dataclass(slots=True)
class Elements:
    """What happens to those elements of an array that ``$[]`` and ``$[identifier]`` mean."""

    filters: ArrayFilters
    children: dict[str, Node] = field(default_factory=dict)

    def get(self, name: str) -> Node | None:
        return self.children.get(identifier_of(name) or "")

    def put(self, name: str, node: Node) -> None:
        self.children[identifier_of(name) or ""] = node
        self.children = dict(sorted(self.children.items()))

    def change(self, old: Any, at: Application, taken: Path) -> Any:
        if old is MISSING:
            raise _must_exist(taken)
        if not isinstance(old, list):
            shown = shown_field(taken[-1], old)
            raise fault(2, f"Cannot apply array updates to non-array element {shown}")
        new = old
        for index, before in enumerate(old):
            here = (*taken, str(index))
            node = self._node_for(before, here)
            if node is None:
                continue
            after = node.change(before, at, here)
            if after is before:
                continue
            if new is old:
                new = old.copy()
            new[index] = None if after is MISSING else after
        return new

    def _node_for(self, element: Any, taken: Path) -> Node | None:
        found: Node | None = None
        for identifier, child in self.children.items():
            if not identifier or self.filters[identifier](element):
                found = child if found is None else merge(found, child, taken)
        return found

    def blocked(self, holder: Any, at: Application, taken: Path, rest: Path) -> None:
        raise _must_exist(taken + rest)


Node = Leaf | Fields | Elements


def merge(first: Node, second: Node, taken: Path) -> Node:
    """Return one node for two that mean the same place; raises fault 40 where they conflict."""
    merged: Fields | Elements
    if isinstance(first, Fields) and isinstance(second, Fields):
        merged = Fields(dict(first.children), first.positional)
        names = [*second.children, *(["$"] if second.positional else [])]
    elif isinstance(first, Elements) and isinstance(second, Elements):
        merged = Elements(first.filters, dict(first.children))
        names = [f"$[{each}]" for each in second.children]
    else:
        raise fault(40, f"Update created a conflict at '{'.'.join(taken)}'")
    for name in names:
        mine, other = merged.get(name), second.get(name)
        assert other is not None
        merged.put(name, other if mine is None else merge(mine, other, (*taken, name)))
    return merged


def add(root: Fields, path: Path, leaf: Leaf, filters: ArrayFilters, used: set[str]) -> None:
    """Put a leaf at the end of a path; ``used`` collects the identifiers that the path names.

    Raises fault 2 for identifiers without filter, 40 for conflicts.
    """
    current: Fields | Elements = root
    for place, name in enumerate(path[:-1]):
        _note_identifier(path, place, filters, used)
        child = current.get(name)
        wanted = Elements if identifier_of(path[place + 1]) is not None else Fields
        if child is None:
            child = Elements(filters) if wanted is Elements else Fields()
            current.put(name, child)
        elif isinstance(child, Leaf) or not isinstance(child, wanted):
            raise _conflict(path, path[: place + 1])
        current = child
    _note_identifier(path, len(path) - 1, filters, used)
    if current.get(path[-1]) is not None:
        raise _conflict(path, path)
    current.put(path[-1], leaf)


def _note_identifier(path: Path, place: int, filters: ArrayFilters, used: set[str]) -> None:
    identifier = identifier_of(path[place])
    if identifier is None:
        return
    dotted = ".".join(path)
    if place == 0:
        raise fault(
            2,
            "Cannot have array filter identifier (i.e. '$[<id>]') element in the first position in"
            f" path '{dotted}'",
        )
    if identifier:
        if identifier not in filters:
            raise fault(
                2, f"No array filter found for identifier '{identifier}' in path '{dotted}'"
            )
        used.add(identifier)


def _conflict(path: Path, where: Path) -> FivefoldError:
    return fault(
        40,
        f"Updating the path '{'.'.join(path)}' would create a conflict at '{'.'.join(where)}'",
    )


def _must_exist(path: Path) -> FivefoldError:
    dotted = ".".join(path)
    return fault(
        2, f"The path '{dotted}' must exist in the document in order to apply array updates."
    )


def _pad(array: list[Any], index: int) -> None:
    if index - len(array) > PADDING_MAX:
        raise fault(34, f"can't backfill more than {PADDING_MAX} elements")
    array.extend([None] * (index - len(array)))


def _compare_names(first: str, second: str) -> int:
    if first.isdecimal() and second.isdecimal():
        return (int(first) > int(second)) - (int(first) < int(second))
    return (first > second) - (first < second)


_by_name = cmp_to_key(_compare_names)
