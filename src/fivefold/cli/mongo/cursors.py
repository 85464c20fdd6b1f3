"""What may follow find(…) and aggregate(…): sort, limit, toArray, explain and their like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from fivefold.cli.mongo.work import Document, Pages, Run, Work, every, field, first
from fivefold.errors import InvalidStatement

Method = Callable[..., Work]


def _setter(name: str, summary: str) -> Method:
    """Return the method that sets a field of the command."""

    def set_field(work: Work, value: Any) -> Work:
        return work.with_fields(**{name: value})

    set_field.__doc__ = summary
    return set_field


def _switch(name: str, summary: str) -> Method:
    """Return the method that sets a field of the command, to true unless it is told otherwise."""

    def switch(work: Work, value: Any = True) -> Work:
        return work.with_fields(**{name: value})

    switch.__doc__ = summary
    return switch


def _limit(work: Work, limit: Any) -> Work:
    """Return so many documents at most."""
    if isinstance(limit, int | float) and limit < 0:
        return work.with_fields(limit=-limit, singleBatch=True)
    return work.with_fields(limit=limit)


def _read_concern(work: Work, level: Any) -> Work:
    """Set the read concern's level."""
    return work.with_fields(readConcern={"level": level})


def _batch_size(work: Work, size: Any) -> Work:
    """Read so many documents at a time."""
    if work.kind == "aggregate":
        return work.with_fields(cursor={"batchSize": size})
    return work.with_fields(batchSize=size)


def _pretty(work: Work) -> Work:
    """Change nothing: documents are always printed so."""
    return work


def _to_array(work: Work) -> Work:
    """Return all documents as an array."""
    return replace(work, finish=every)


def _next(work: Work) -> Work:
    """Return the first document."""
    return replace(work, finish=first)


def _has_next(work: Work) -> Work:
    """Say whether there is a document."""

    def finish(run: Run, replies: list[Document]) -> bool:
        found = Pages(run, replies[0])
        has = found.has_more
        found.close()
        return has

    return replace(work, finish=finish)


def _iterated_count(work: Work) -> Work:
    """Count the documents by reading them."""
    return replace(work, finish=lambda run, replies: sum(1 for _ in Pages(run, replies[0])))


def _count(work: Work) -> Work:
    """Count the documents of the filter."""
    return _counted(work, ("hint", "collation", "maxTimeMS"))


def _size(work: Work) -> Work:
    """Count the documents, with skip and limit."""
    return _counted(work, ("hint", "collation", "maxTimeMS", "skip", "limit"))


def _counted(work: Work, kept: tuple[str, ...]) -> Work:
    command = work.command
    count = {"count": command["find"], "query": command["filter"]}
    count |= {name: command[name] for name in kept if name in command}
    return Work(work.database, (count,), field("n"))


def _explain(work: Work, verbosity: Any = "queryPlanner") -> Work:
    """Return how it would be run."""
    return work.explained(verbosity)


_BOTH: dict[str, Method] = {
    "toArray": _to_array,
    "pretty": _pretty,
    "itcount": _iterated_count,
    "explain": _explain,
    "next": _next,
    "tryNext": _next,
    "hasNext": _has_next,
    "batchSize": _batch_size,
    "hint": _setter("hint", "Use this index."),
    "comment": _setter("comment", "Say something about it."),
    "collation": _setter("collation", "Compare strings by a collation."),
    "maxTimeMS": _setter("maxTimeMS", "Fail after so many milliseconds."),
    "allowDiskUse": _switch("allowDiskUse", "Let it use the disk."),
    "readConcern": _read_concern,
}
_FIND: dict[str, Method] = {
    "sort": _setter("sort", "Order by these fields: 1 rising, -1 falling."),
    "limit": _limit,
    "skip": _setter("skip", "Leave out so many documents."),
    "projection": _setter("projection", "Return these fields."),
    "project": _setter("projection", "Return these fields."),
    "count": _count,
    "size": _size,
    "min": _setter("min", "Begin at these keys of the index."),
    "max": _setter("max", "End before these keys of the index."),
    "returnKey": _switch("returnKey", "Return the index's keys only."),
    "showRecordId": _switch("showRecordId", "Add each document's place."),
    "noCursorTimeout": _switch("noCursorTimeout", "Keep the cursor."),
}
METHODS: Mapping[str, Mapping[str, Method]] = MappingProxyType(
    {
        "find": MappingProxyType({**_FIND, **_BOTH}),
        "aggregate": MappingProxyType(_BOTH),
        "": MappingProxyType({}),
    }
)
"""Which methods may follow, by the kind of work."""


def follow(work: Work, name: str) -> Method:
    """Return the method that may follow. Raises InvalidStatement."""
    method = METHODS[work.kind].get(name)
    if method is None and name in ("forEach", "map"):
        raise InvalidStatement(f"{name} takes a function, which is JavaScript")
    if method is None:
        what = f"a method of {work.kind}'s cursors" if work.kind else "what can follow here"
        raise InvalidStatement(f"{name} is not {what}")
    return method
