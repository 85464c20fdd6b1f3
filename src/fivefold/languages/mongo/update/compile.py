"""An update, read once and applied to many documents.

Source: manual, "Update Operators", "Updates with Aggregation Pipeline",
"db.collection.replaceOne()", "Upsert Behavior".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bson.objectid import ObjectId

from fivefold.languages.mongo.update import arrays, operators
from fivefold.languages.mongo.update.filters import ArrayFilters, identifier_of, parse_array_filters
from fivefold.languages.mongo.update.replacement import replacing
from fivefold.languages.mongo.update.storable import (
    DEPTH_MAX,
    check_depth,
    check_id,
    check_top_name,
    id_first,
    too_deep,
)
from fivefold.languages.mongo.update.tree import Application, Change, Fields, Leaf, Node, add
from fivefold.languages.mongo.update.upsert import document_of_filter
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING, NAMES, Document, kind_of
from fivefold.values.documents.paths import Path, parse_path
from fivefold.values.documents.text import shown, shown_field

OPERATORS: dict[str, Callable[[Path, Any], Leaf]] = {
    "$addToSet": arrays.add_to_set,
    "$bit": operators.bit,
    "$currentDate": operators.current_date,
    "$inc": operators.inc,
    "$max": operators.max_,
    "$min": operators.min_,
    "$mul": operators.mul,
    "$pop": arrays.pop,
    "$pull": arrays.pull,
    "$pullAll": arrays.pull_all,
    "$push": arrays.push,
    "$rename": operators.rename_source,
    "$set": operators.set_,
    "$setOnInsert": operators.set_on_insert,
    "$unset": operators.unset,
}
"""Every update operator."""

Kind = Literal["operators", "replacement", "pipeline"]


@dataclass(frozen=True, slots=True)
class Update:
    """A compiled update.

    ``positional`` says whether it needs the index at which the filter first matched an array.
    A replacement is for one document only.
    """

    kind: Kind
    positional: bool
    change: Callable[[Application], Document]

    def apply(
        self,
        document: Document,
        *,
        position: int | None = None,
        now: datetime,
        is_insert: bool = False,
    ) -> Document:
        """Return the document that the update makes: the given one itself if nothing changes.

        The given document stays as it is; both share what is the same. ``now`` is in UTC without
        zone. Raises MongoDB's faults for what cannot be done to this document.
        """
        return self.change(Application(document, position, now, is_insert))

    def for_upsert(self, filter: Document, *, now: datetime) -> Document:
        """Return the document to insert where the filter found none, its ``_id`` first.

        It has the fields that the filter demands to be equal to something, then those of the
        update; an ``_id`` is made if neither gives one. Raises faults 54 and 111 for a filter
        that demands too much, and those of ``apply``.
        """
        document = document_of_filter(filter, only_id=self.kind == "replacement")
        document = self.apply(document, now=now, is_insert=True)
        if "_id" not in document:
            return {"_id": ObjectId()} | document
        check_id(document["_id"])
        return id_first(document)


def compile_update(
    update: Document | list[Document],
    array_filters: Sequence[Document] = (),
    variables: Document | None = None,
) -> Update:
    """Return the update that a document of operators, a pipeline or a replacement is.

    ``variables`` are those of the command's ``let``, for pipelines. Raises MongoDB's faults.
    """
    if isinstance(update, list):
        if array_filters:
            raise fault(9, "arrayFilters may not be specified for pipeline-style updates")
        from fivefold.languages.mongo.update.pipeline import compile_pipeline

        return Update("pipeline", False, compile_pipeline(update, variables or {}))
    if not next(iter(update), "").startswith("$"):
        if array_filters:
            raise fault(9, "arrayFilters may not be specified for replacement-style updates")
        return Update("replacement", False, replacing(update))
    root, deepens = _parse(update, parse_array_filters(array_filters))
    return Update("operators", _is_positional(root), _changing(root, deepens))


def _changing(root: Fields, deepens: bool) -> Callable[[Application], Document]:
    steps = [(name, child.change, (name,)) for name, child in root.children.items()]
    if deepens or not all(isinstance(child, Leaf) for child in root.children.values()):

        def walk(at: Application) -> Document:
            new: Document = root.change(at.root, at, ())
            if deepens and new is not at.root:
                check_depth(new)
            return new

        return walk

    def change(at: Application) -> Document:  # what a walk does, where no path has two names
        old = new = at.root
        for name, step, path in steps:
            before = new.get(name, MISSING)
            after = step(before, at, path)
            if after is before:
                continue
            if new is old:
                new = old.copy()
            if after is MISSING:
                del new[name]
            else:
                new[name] = after
        return new

    return change


def _parse(update: Document, filters: ArrayFilters) -> tuple[Fields, bool]:
    """Return the tree of all operators, and whether a ``$rename`` may deepen the document."""
    root = Fields()
    used: set[str] = set()
    deepens = False
    for name, fields in update.items():
        make = _operator(name, fields)
        for dotted, value in fields.items():
            path = _path(dotted)
            leaf = make(path, value)
            add(root, path, _guarded(path, leaf), filters, used)
            if name == "$rename":
                target = operators.check_rename(path, value)
                _path(value)
                leaf = operators.rename_target(path, target)
                add(root, target, _guarded(target, leaf), filters, used)
                deepens = deepens or len(target) > len(path)
    for identifier in filters:
        if identifier not in used:
            raise fault(
                9,
                f"The array filter for identifier '{identifier}' was not used in the update"
                f" {shown(update)}",
            )
    return root, deepens


def _operator(name: str, fields: Any) -> Callable[[Path, Any], Leaf]:
    make = OPERATORS.get(name)
    if make is None:
        raise fault(
            9,
            f"Unknown modifier: {name}. Expected a valid update modifier or pipeline-style update"
            " specified as an array",
        )
    if not isinstance(fields, dict):
        raise fault(
            9,
            f"Modifiers operate on fields but we found type {NAMES[kind_of(fields)]} instead. For"
            f" example: {{$mod: {{<field>: ...}}}} not {{{shown_field(name, fields)}}}",
        )
    return make


def _path(dotted: str) -> Path:
    if not dotted:
        raise fault(56, "An empty update path is not valid.")
    path = parse_path(dotted)
    if "" in path:
        raise fault(
            56, f"The update path '{dotted}' contains an empty field name, which is not allowed."
        )
    if path.count("$") > 1:
        text = f"Too many positional (i.e. '$') elements found in path '{dotted}'"
        raise fault(2, text)
    if path[0] == "$":
        raise fault(
            2,
            f"Cannot have positional (i.e. '$') element in the first position in path '{dotted}'",
        )
    return path


def _guarded(path: Path, leaf: Leaf) -> Leaf:
    """Return a leaf that does not change what may not change, nor stores what may not be stored."""
    for needed, guard in (
        (path[0] == "_id", _keeping_id),
        (path[0].startswith("$") and identifier_of(path[0]) is None, _refusing_name),
        (len(path) + leaf.depth > DEPTH_MAX, _refusing_depth),
    ):
        if needed:
            leaf = Leaf(guard(leaf.change), leaf.absent)
    return leaf


def _keeping_id(change: Change) -> Change:
    def guarded(old: Any, at: Application, taken: Path) -> Any:
        new = change(old, at, taken)
        if new is not old and "_id" in at.root:
            raise fault(
                66,
                f"Performing an update on the path '{'.'.join(taken)}' would modify the immutable"
                " field '_id'",
            )
        return new

    return guarded


def _refusing_name(change: Change) -> Change:
    def guarded(old: Any, at: Application, taken: Path) -> Any:
        new = change(old, at, taken)
        if new is not old and new is not MISSING:
            check_top_name(taken[0])
        return new

    return guarded


def _refusing_depth(change: Change) -> Change:
    def guarded(old: Any, at: Application, taken: Path) -> Any:
        new = change(old, at, taken)
        if new is not old:
            raise too_deep()
        return new

    return guarded


def _is_positional(root: Fields) -> bool:
    """Return whether there is a positional ``$`` anywhere in the tree."""
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Fields) and node.positional is not None:
            return True
        if not isinstance(node, Leaf):
            waiting.extend(node.children.values())
    return False
