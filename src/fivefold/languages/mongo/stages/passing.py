"""Stages that pass documents on: $match, $sort, $limit, $skip, $count, $sample, $unwind, $redact.

Source: manual 7.0, the pages of these stages; numbers and texts of errors as in MongoDB 7.0.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from bson.decimal128 import Decimal128
from bson.int64 import Int64

from fivefold.languages.mongo.expressions.compile import compile_term
from fivefold.languages.mongo.expressions.terms import Term
from fivefold.languages.mongo.sorting import Sorting, field_path, parse_sort
from fivefold.languages.unit import watched
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import INT64_MAX, MISSING, NAMES, Document, kind_of
from fivefold.values.documents.text import shown

from .base import Site, Stages
from .context import Context
from .spilling import sorted_documents


@dataclass(frozen=True, slots=True)
class Sort:
    """$sort; ``limit`` is how many of the first are asked for, if that is known."""

    sorting: Sorting
    limit: int | None = None

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        return sorted_documents(documents, self.sorting.key, context, self.limit)


@dataclass(frozen=True, slots=True)
class Limit:
    """$limit."""

    count: int

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        return islice(documents, self.count)


@dataclass(frozen=True, slots=True)
class Skip:
    """$skip."""

    count: int

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        return islice(documents, self.count, None)


@dataclass(frozen=True, slots=True)
class Count:
    """$count: one document, or none if none came."""

    name: str

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        count = 0
        for count, _ in enumerate(documents, 1):
            if not count & 1023:
                context.check()
        if count:
            yield {self.name: count}


@dataclass(frozen=True, slots=True)
class Sample:
    """$sample: ``size`` documents, each as likely as any other, in no order."""

    size: int

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        held: list[Document] = []
        for place, document in enumerate(documents):
            if place < self.size:
                held.append(document)
            elif (other := random.randrange(place + 1)) < self.size:
                held[other] = document
            if not place & 1023:
                context.check()
        random.shuffle(held)
        yield from held


@dataclass(frozen=True, slots=True)
class Unwind:
    """$unwind: a document for each element of the array at ``path``.

    ``index`` is the path that gets the element's place; ``keep`` keeps documents without any.
    """

    path: tuple[str, ...]
    index: tuple[str, ...] | None = None
    keep: bool = False

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        plain = len(self.path) == 1 and self.index is None
        found = self._plain(documents) if plain else self._deep(documents)
        return watched(found, context.check)

    def _plain(self, documents: Iterator[Document]) -> Iterator[Document]:
        (name,) = self.path
        for document in documents:
            value = document.get(name, MISSING)
            if isinstance(value, list):
                for each in value:
                    yield {**document, name: each}
                if not value and self.keep:
                    yield {other: each for other, each in document.items() if other != name}
            elif self.keep or (value is not None and value is not MISSING):
                yield document

    def _deep(self, documents: Iterator[Document]) -> Iterator[Document]:
        path, index = self.path, self.index
        for document in documents:
            value: Any = document
            for name in path:
                value = value.get(name, MISSING) if isinstance(value, dict) else MISSING
            if isinstance(value, list) and value:
                for place, each in enumerate(value):
                    found = put(document, path, each)
                    yield found if index is None else put(found, index, Int64(place))
                continue
            if not self.keep and (value is None or value is MISSING or isinstance(value, list)):
                continue
            found = put(document, path, MISSING) if isinstance(value, list) else document
            yield found if index is None else put(found, index, None)


def put(document: Document, path: tuple[str, ...], value: Any) -> Document:
    """Return a document with a value at a path of documents; MISSING takes away what is there."""
    name, rest = path[0], path[1:]
    if rest:
        inner = document.get(name)
        return {**document, name: put(inner if isinstance(inner, dict) else {}, rest, value)}
    if value is MISSING:
        return {other: each for other, each in document.items() if other != name}
    return {**document, name: value}


@dataclass(frozen=True, slots=True)
class Redact:
    """$redact: what the expression says of a document, and of those in it if it says $$DESCEND."""

    expression: Any
    term: Term = field(repr=False)

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        for document in documents:
            variables = {**context.variables, "ROOT": document}
            found = self._redacted(document, variables)
            if found is not MISSING:
                yield found

    def _redacted(self, document: Document, variables: dict[str, Any]) -> Any:
        verdict = self.term.run(document, variables)
        if verdict == "keep":
            return document
        if verdict == "prune":
            return MISSING
        if verdict != "descend":
            raise fault(
                17053,
                "$redact's expression should not return anything aside from the variables $$KEEP, "
                f"$$DESCEND, and $$PRUNE, but returned {shown(verdict)}",
            )
        found = {}
        for name, value in document.items():
            inner = self._inside(value, variables)
            if inner is not MISSING:
                found[name] = inner
        return found

    def _inside(self, value: Any, variables: dict[str, Any]) -> Any:
        if isinstance(value, dict):
            return self._redacted(value, variables)
        if isinstance(value, list):
            inside = [self._inside(each, variables) for each in value]
            return [each for each in inside if each is not MISSING]
        return value


def parse_sort_stage(value: Any, site: Site) -> Stages:
    return (Sort(parse_sort(value)),)


def _whole(value: Any, stage: str, number: int) -> int:
    """Return a count that is a whole number of any type and not negative."""
    field_shown = f"{stage}: {shown(value)}"
    begin = f"invalid argument to {stage} stage: Expected "
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal128):
        raise fault(number, f"{begin}a number in: {field_shown}")
    plain: Any = value.to_decimal() if isinstance(value, Decimal128) else value
    if plain != plain or abs(plain) > INT64_MAX or plain != int(plain):
        raise fault(number, f"{begin}an integer: {field_shown}")
    if plain < 0:
        raise fault(number, f"{begin}a non-negative number in: {field_shown}")
    return int(plain)


def parse_limit(value: Any, site: Site) -> Stages:
    count = _whole(value, "$limit", 5107201)
    if count == 0:
        raise fault(15958, "the limit must be positive")
    return (Limit(count),)


def parse_skip(value: Any, site: Site) -> Stages:
    return (Skip(_whole(value, "$skip", 5107200)),)


def parse_count(value: Any, site: Site) -> Stages:
    if not isinstance(value, str):
        raise fault(40156, "the count field must be a non-empty string")
    for number, wrong, text in (
        (40157, not value, "the count field must be a non-empty string"),
        (40158, value.startswith("$"), "the count field cannot be a $-prefixed path"),
        (40159, "\0" in value, "the count field cannot contain a null byte"),
        (40160, "." in value, "the count field cannot contain '.'"),
        (9624, value == "_id", "the count field cannot be _id"),
    ):
        if wrong:
            raise fault(number, text)
    return (Count(value),)


def parse_sample(value: Any, site: Site) -> Stages:
    if not isinstance(value, dict):
        raise fault(28745, "the $sample stage specification must be an object")
    for name, size in value.items():
        if name != "size":
            raise fault(28748, f"unrecognized option to $sample: {name}")
        if isinstance(size, bool) or not isinstance(size, int | float | Decimal128):
            raise fault(28746, "size argument to $sample must be a number")
        plain = size.to_decimal() if isinstance(size, Decimal128) else size
        if not plain >= 1:
            raise fault(28747, "size argument to $sample must be a positive integer")
        return (Sample(int(plain)),)
    raise fault(28749, "$sample stage must specify a size")


def parse_unwind(value: Any, site: Site) -> Stages:
    options = value if isinstance(value, dict) else {"path": value}
    if not isinstance(value, dict | str):
        kind = NAMES[kind_of(value)]
        raise fault(
            15981,
            "expected either a string or an object as specification for $unwind stage, got " + kind,
        )
    index: tuple[str, ...] | None = None
    for name, option in options.items():
        if name == "path":
            if not isinstance(option, str):
                kind = NAMES[kind_of(option)]
                raise fault(28808, f"expected a string as the path for $unwind stage, got {kind}")
        elif name == "preserveNullAndEmptyArrays":
            if not isinstance(option, bool):
                raise fault(
                    28809,
                    "expected a boolean for the preserveNullAndEmptyArrays option to $unwind "
                    f"stage, got {NAMES[kind_of(option)]}",
                )
        elif name == "includeArrayIndex":
            index = _index_path(option)
        else:
            raise fault(28811, f"unrecognized option to $unwind stage: {name}")
    path = options.get("path")
    if not path:
        raise fault(28812, "no path specified to $unwind stage")
    if not path.startswith("$"):
        raise fault(28818, f"path option to $unwind stage should be prefixed with a '$': {path}")
    keep = options.get("preserveNullAndEmptyArrays", False)
    return (Unwind(field_path(path[1:]), index, keep),)


def _index_path(option: Any) -> tuple[str, ...]:
    if not isinstance(option, str) or not option:
        raise fault(
            28810,
            "expected a non-empty string for the includeArrayIndex  option to $unwind stage, got "
            + NAMES[kind_of(option)],
        )
    if option.startswith("$"):
        raise fault(
            28822,
            f"includeArrayIndex option to $unwind stage should not be prefixed with a '$': "
            f"{option}",
        )
    return field_path(option)


def parse_redact(value: Any, site: Site) -> Stages:
    return (Redact(value, compile_term(value, site.scope)),)
