"""A collection's methods that read: find, aggregate, countDocuments, distinct and their like."""

from __future__ import annotations

from typing import Any

from fivefold.cli.mongo.work import (
    Document,
    Pages,
    Run,
    Work,
    every,
    field,
    first,
    options_of,
    pages,
    the_reply,
)
from fivefold.errors import InvalidStatement

Place = tuple[str, str]
"""The names of a database and of a collection in it."""


def find(place: Place, filter: Any = None, projection: Any = None, options: Any = None) -> Work:
    """Find the documents that a filter matches."""
    command: Document = {"find": place[1], "filter": {} if filter is None else filter}
    if projection is not None:
        command["projection"] = projection
    return Work(place[0], (command | options_of(options),), pages, "find")


def find_one(place: Place, filter: Any = None, projection: Any = None, options: Any = None) -> Work:
    """Return the first document that a filter matches, or null."""
    (command,) = find(place, filter, projection, options).commands
    return Work(place[0], ({**command, "limit": 1, "singleBatch": True},), first)


def aggregate(place: Place, *given: Any) -> Work:
    """Return what a pipeline makes of the documents."""
    return pipeline_work(place[0], place[1], given)


def pipeline_work(database: str, source: Any, given: tuple[Any, ...]) -> Work:
    """Return the work of a pipeline, given as one array and options or as its stages."""
    options: Document = {}
    if not given:
        pipeline: Any = []
    elif isinstance(given[0], list):
        pipeline, options = given[0], options_of(given[1] if len(given) > 1 else None)
        if len(given) > 2:
            raise InvalidStatement("aggregate takes a pipeline and options")
    else:
        pipeline = list(given)
    options = dict(options)
    explain = options.pop("explain", False)
    size = options.pop("batchSize", None)
    cursor = {} if size is None else {"batchSize": size}
    command = {"aggregate": source, "pipeline": pipeline, "cursor": cursor, **options}
    work = Work(database, (command,), pages, "aggregate")
    return work.explained(explain) if explain else work


def count_documents(place: Place, filter: Any = None, options: Any = None) -> Work:
    """Count the documents that a filter matches."""
    given = dict(options_of(options))
    pipeline: list[Document] = [{"$match": {} if filter is None else filter}]
    pipeline += [{f"${name}": given.pop(name)} for name in ("skip", "limit") if name in given]
    pipeline.append({"$group": {"_id": 1, "n": {"$sum": 1}}})

    def finish(run: Run, replies: list[Document]) -> Any:
        found = next(iter(Pages(run, replies[0])), None)
        return found["n"] if found else 0

    command = {"aggregate": place[1], "pipeline": pipeline, "cursor": {}, **given}
    return Work(place[0], (command,), finish)


def estimated_document_count(place: Place, options: Any = None) -> Work:
    """Count all documents."""
    return Work(place[0], ({"count": place[1], **options_of(options)},), field("n"))


def count(place: Place, filter: Any = None, options: Any = None) -> Work:
    """Count the documents that a filter matches; countDocuments is its newer name."""
    command = {"count": place[1], "query": {} if filter is None else filter}
    return Work(place[0], (command | options_of(options),), field("n"))


def distinct(place: Place, key: Any, filter: Any = None, options: Any = None) -> Work:
    """Return the values of a field, each once."""
    command = {"distinct": place[1], "key": key, "query": {} if filter is None else filter}
    return Work(place[0], (command | options_of(options),), field("values"))


def stats(place: Place, options: Any = None) -> Work:
    """Tell how much the collection holds and takes."""
    given = {"scale": options} if isinstance(options, int) else options_of(options)
    return Work(place[0], ({"collStats": place[1], **given},), the_reply)


def data_size(place: Place) -> Work:
    """Tell how many bytes the documents have."""
    return Work(place[0], ({"collStats": place[1]},), field("size"))


def storage_size(place: Place) -> Work:
    """Tell how many bytes the documents take."""
    return Work(place[0], ({"collStats": place[1]},), field("storageSize"))


def total_index_size(place: Place) -> Work:
    """Tell how many bytes the indexes take."""
    return Work(place[0], ({"collStats": place[1]},), field("totalIndexSize"))


def total_size(place: Place) -> Work:
    """Tell how many bytes the documents and indexes take."""
    return Work(place[0], ({"collStats": place[1]},), field("totalSize"))


def is_capped(place: Place) -> Work:
    """Say whether the collection has a size that old documents make room in."""
    return Work(place[0], ({"collStats": place[1]},), field("capped"))


def validate(place: Place, options: Any = None) -> Work:
    """Look whether the collection and its indexes are as they should be."""
    given = {"full": options} if isinstance(options, bool) else options_of(options)
    return Work(place[0], ({"validate": place[1], **given},), the_reply)


def watch(place: Place, pipeline: Any = None, options: Any = None) -> Work:
    """Follow changes, which fivefold does not."""
    stages = [{"$changeStream": options_of(options)}, *(pipeline or [])]
    return Work(place[0], ({"aggregate": place[1], "pipeline": stages, "cursor": {}},), every)
