"""All methods of ``db``, by the names that mongosh has for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from fivefold.cli.mongo.reading import pipeline_work
from fivefold.cli.mongo.work import (
    Document,
    Pages,
    Run,
    Work,
    every,
    field,
    fields,
    options_of,
    the_reply,
)
from fivefold.errors import InvalidStatement

ADMIN = "admin"


def _command_of(given: Any, options: Any) -> Document:
    if isinstance(given, str):
        return {given: 1, **options_of(options)}
    if isinstance(given, dict) and given and options is None:
        return given
    raise InvalidStatement("a command is a document, as {ping: 1}, or its name")


def run_command(database: str, command: Any, options: Any = None) -> Work:
    """Run any command and show its reply."""
    return Work(database, (_command_of(command, options),), the_reply)


def admin_command(database: str, command: Any, options: Any = None) -> Work:
    """Run any command on the database admin and show its reply."""
    return run_command(ADMIN, command, options)


def _sender(command: str, summary: str, where: str | None = None) -> Callable[..., Work]:
    """Return the method that sends a command without arguments."""

    def send(database: str) -> Work:
        return Work(where or database, ({command: 1},), the_reply)

    send.__doc__ = summary
    return send


def aggregate(database: str, *given: Any) -> Work:
    """Return what a pipeline makes that reads no collection at first, as [{$documents: […]}]."""
    return pipeline_work(database, 1, given)


def create_collection(database: str, name: Any, options: Any = None) -> Work:
    """Create a collection with options: {capped, size, validator, …}."""
    return Work(database, ({"create": name, **options_of(options)},), fields("ok"))


def create_view(
    database: str, name: Any, source: Any, pipeline: Any = (), options: Any = None
) -> Work:
    """Create a view: what a pipeline makes of a collection."""
    stages = list(pipeline) if isinstance(pipeline, list | tuple) else [pipeline]
    command = {"create": name, "viewOn": source, "pipeline": stages, **options_of(options)}
    return Work(database, (command,), fields("ok"))


def drop_database(database: str) -> Work:
    """Drop the database with all its collections."""

    def finish(run: Run, replies: list[Document]) -> Document:
        return {"ok": replies[0]["ok"], "dropped": database}

    return Work(database, ({"dropDatabase": 1},), finish)


def get_collection_names(database: str) -> Work:
    """List the collections' names."""

    def finish(run: Run, replies: list[Document]) -> list[str]:
        return sorted(found["name"] for found in Pages(run, replies[0]))

    return Work(database, ({"listCollections": 1, "nameOnly": True},), finish)


def get_collection_infos(database: str, filter: Any = None, options: Any = None) -> Work:
    """List the collections with their options."""
    command = {"listCollections": 1, "filter": options_of(filter), **options_of(options)}
    return Work(database, (command,), every)


def stats(database: str, options: Any = None) -> Work:
    """Tell how much the database holds and takes."""
    given = {"scale": options} if isinstance(options, int) else options_of(options)
    return Work(database, ({"dbStats": 1, **given},), the_reply)


def get_name(database: str) -> Work:
    """Tell the database's name."""
    return Work(database, (), lambda run, replies: database)


def version(database: str) -> Work:
    """Tell which version of MongoDB fivefold can be taken for."""
    return Work(database, ({"buildInfo": 1},), field("version"))


def current_op(database: str, options: Any = None) -> Work:
    """Tell which commands are running."""
    return Work(ADMIN, ({"currentOp": 1, **options_of(options)},), the_reply)


def kill_op(database: str, number: Any) -> Work:
    """End a running command."""
    return Work(ADMIN, ({"killOp": 1, "op": number},), the_reply)


METHODS: Mapping[str, Callable[..., Work]] = MappingProxyType(
    {
        "runCommand": run_command,
        "adminCommand": admin_command,
        "aggregate": aggregate,
        "createCollection": create_collection,
        "createView": create_view,
        "dropDatabase": drop_database,
        "stats": stats,
        "getName": get_name,
        "getCollectionNames": get_collection_names,
        "getCollectionInfos": get_collection_infos,
        "version": version,
        "currentOp": current_op,
        "killOp": kill_op,
        "hello": _sender("hello", "Tell who the server is."),
        "isMaster": _sender("isMaster", "Tell who the server is; hello is its newer name."),
        "serverStatus": _sender("serverStatus", "Tell what goes on."),
        "serverBuildInfo": _sender("buildInfo", "Tell what was built.", ADMIN),
        "hostInfo": _sender("hostInfo", "Tell about the machine.", ADMIN),
        "listCommands": _sender("listCommands", "Tell about all commands."),
    }
)
PLACES: Mapping[str, str] = MappingProxyType(
    {
        "getCollection": "Take a collection by its name, whatever characters it has.",
        "getSiblingDB": "Take another database.",
    }
)
"""What leads to a collection or a database."""
