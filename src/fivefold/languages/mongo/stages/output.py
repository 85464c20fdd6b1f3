"""$out and $merge: what a pipeline gives, written to a collection.

Source: manual 7.0, "$out (aggregation)", "$merge (aggregation)"; numbers and texts of errors as in
MongoDB 7.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fivefold.languages.mongo.expressions.compile import compile_term
from fivefold.languages.mongo.expressions.names import check_variable
from fivefold.languages.mongo.expressions.terms import Term
from fivefold.languages.mongo.sorting import field_path
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING, NAMES, Document, kind_of
from fivefold.values.documents.order import equal
from fivefold.values.documents.paths import get
from fivefold.values.documents.text import shown

from .base import Site, Stages
from .context import Context, Target

MATCHED = ("replace", "keepExisting", "merge", "fail", "pipeline")
NOT_MATCHED = ("insert", "discard", "fail")


@dataclass(frozen=True, slots=True)
class Out:
    """$out: the documents take the place of all that the collection has."""

    target: Target

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        context.replace(self.target, documents)
        return iter(())


@dataclass(frozen=True, slots=True)
class Merge:
    """$merge: each document goes beside, into or in the place of that with the same ``on``.

    ``pipeline`` is what happens to that one if ``matched`` is "pipeline", ``let`` what it knows.
    """

    target: Target
    on: tuple[str, ...]
    matched: str
    not_matched: str
    let: tuple[tuple[str, Term], ...]
    pipeline: Stages

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        if self.on != ("_id",) and not context.unique(self.target, self.on):
            raise fault(51183, "Cannot find index to verify that join fields will be unique")
        for document in documents:
            context.check()
            self._write(document, context)
        return iter(())

    def _write(self, document: Document, context: Context) -> None:
        key = self._key(document)
        old = None if key is None else context.find(self.target, key)
        if old is None:
            if self.not_matched == "insert":
                context.insert(self.target, document)
            elif self.not_matched == "fail":
                raise fault(
                    13113,
                    "$merge could not find a matching document in the target collection for at "
                    "least one document in the source collection",
                )
            return
        if self.matched == "fail":
            raise fault(
                11000,
                f"E11000 duplicate key error collection: {self.target.namespace}."
                f"{self.target.name} index: _id_ dup key: {shown(key)}",
                keyPattern=dict.fromkeys(self.on, 1),
                keyValue=key,
            )
        new = self._matched(old, document, context)
        if new is not None:
            if "_id" in new and not equal(new["_id"], old["_id"]):
                raise fault(
                    66,
                    "$merge failed to update the matching document, did you attempt to modify the "
                    "_id or the shard key? :: caused by :: Performing an update on the path '_id' "
                    "would modify the immutable field '_id'",
                )
            if new != old:
                context.update(self.target, old, new)

    def _matched(self, old: Document, document: Document, context: Context) -> Document | None:
        if self.matched == "merge":
            return {**old, **document}
        if self.matched == "replace":
            return {"_id": old["_id"], **document}
        if self.matched == "keepExisting":
            return None
        variables = context.variables
        bound = {name: term.run(document, variables) for name, term in self.let}
        found: Iterator[Document] = iter((old,))
        inner = context.inner({**variables, **bound})
        for stage in self.pipeline:
            found = stage.run(found, inner)
        return {"_id": old["_id"], **next(found)}

    def _key(self, document: Document) -> Document | None:
        """Return the fields to find by; None for a document that has no _id yet."""
        key: Document = {}
        for name in self.on:
            value = get(document, tuple(name.split(".")))
            if value is MISSING and name == "_id":
                return None
            if value is MISSING or value is None:
                raise fault(
                    51132,
                    "$merge write error: 'on' field cannot be missing, null, undefined or an array",
                )
            if isinstance(value, list):
                raise fault(51185, "$merge write error: 'on' field cannot be an array")
            key[name] = value
        return key


def parse_out(value: Any, site: Site) -> Stages:
    if isinstance(value, str):
        return (Out(_target(site.namespace, value)),)
    if not isinstance(value, dict):
        kind = NAMES[kind_of(value)]
        raise fault(16990, f"$out only supports a string or object argument, but found {kind}")
    for name, each in value.items():
        if name == "timeseries":
            raise fault(
                115,
                "$out to a time-series collection is not supported; write to an ordinary one",
            )
        if name not in ("db", "coll"):
            raise fault(
                16994,
                f"If an object is passed to $out it must have exactly 2 fields: 'db' and "
                f"'coll', got {name}",
            )
        if not isinstance(each, str):
            raise fault(
                16994,
                "If an object is passed to $out it must have exactly 2 fields: 'db' and "
                "'coll'. Both fields must be strings",
            )
    if len(value) != 2:
        raise fault(
            16994, "If an object is passed to $out it must have exactly 2 fields: 'db' and 'coll'"
        )
    return (Out(_target(value["db"], value["coll"])),)


def _target(namespace: str, name: str) -> Target:
    if not name or not namespace:
        raise fault(73, f"Invalid namespace specified '{namespace}.{name}'")
    return Target(namespace, name)


def parse_merge(value: Any, site: Site) -> Stages:
    if isinstance(value, str):
        value = {"into": value}
    if not isinstance(value, dict):
        kind = NAMES[kind_of(value)]
        raise fault(51182, f"$merge requires a string or object argument, but found {kind}")
    for name in value:
        if name not in ("into", "on", "let", "whenMatched", "whenNotMatched"):
            raise fault(40415, f"BSON field '$merge.{name}' is an unknown field.")
    if "into" not in value:
        raise fault(40414, "BSON field '$merge.into' is missing but a required field")
    target = _into(value["into"], site)
    matched, pipeline, let = _when_matched(value, site)
    not_matched = value.get("whenNotMatched", "insert")
    if not_matched not in NOT_MATCHED:
        raise fault(
            2,
            f"Enumeration value '{not_matched}' for field '$merge.whenNotMatched' is not a valid "
            "value.",
        )
    if (matched, not_matched) in (
        ("keepExisting", "fail"),
        ("keepExisting", "discard"),
        ("fail", "fail"),
        ("fail", "discard"),
    ):
        raise fault(
            51181,
            f"Combination of whenMatched mode '{matched}' and whenNotMatched mode '{not_matched}' "
            "is not supported",
        )
    return (Merge(target, _on(value.get("on", "_id")), matched, not_matched, let, pipeline),)


def _into(value: Any, site: Site) -> Target:
    if isinstance(value, str):
        return _target(site.namespace, value)
    if not isinstance(value, dict):
        kind = NAMES[kind_of(value)]
        raise fault(
            51178, f"$merge 'into' field must be either a string or an object, but found {kind}"
        )
    for name in value:
        if name not in ("db", "coll"):
            raise fault(40415, f"BSON field 'NamespaceSpec.{name}' is an unknown field.")
    return _target(value.get("db", site.namespace), value.get("coll", ""))


def _on(value: Any) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list):
        kind = NAMES[kind_of(value)]
        raise fault(
            51186,
            f"$merge 'on' field  must be either a string or an array of strings, but found {kind}",
        )
    if not names:
        raise fault(51187, "If explicitly specifying $merge 'on', must include at least one field")
    for at, name in enumerate(names):
        if not isinstance(name, str):
            raise fault(
                51134,
                f"$merge 'on' array elements must be strings, but found {NAMES[kind_of(name)]}",
            )
        if name in names[:at]:
            raise fault(31465, f"Found a duplicate field '{name}'")
        field_path(name)
    return tuple(names)


def _when_matched(value: Document, site: Site) -> tuple[str, Stages, tuple[tuple[str, Term], ...]]:
    matched = value.get("whenMatched", "merge")
    let = value.get("let")
    if isinstance(matched, list):
        bound = {"new": "$$ROOT"} if let is None else let
        if not isinstance(bound, dict):
            raise fault(
                14,
                "BSON field '$merge.let' is the wrong type "
                f"'{NAMES[kind_of(bound)]}', expected type 'object'",
            )
        for name in bound:
            check_variable(name, user=True)
        if "new" in bound and bound["new"] != "$$ROOT":
            raise fault(
                51273,
                "'let' may not define a value for the reserved 'new' variable other than '$$ROOT'",
            )
        bound = {"new": "$$ROOT", **bound}
        terms = tuple([(name, compile_term(each, site.scope)) for name, each in bound.items()])
        return "pipeline", site.pipeline(matched, "update", *bound), terms
    if matched not in MATCHED[:-1]:
        raise fault(
            2, f"Enumeration value '{matched}' for field '$merge.whenMatched' is not a valid value."
        )
    if let is not None:
        raise fault(51199, "Cannot use 'let' variables with 'whenMatched: " + matched + "' mode")
    return matched, (), ()
