"""What goes on: operations that run, sessions that are known.

Source: manual 7.0, "$currentOp", "$listSessions", "$listLocalSessions", "db.currentOp()"; numbers
and texts of errors as in MongoDB 7.0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bson.binary import Binary
from bson.int64 import Int64

from fivefold.languages.mongo.arguments import type_name
from fivefold.languages.mongo.client import Client
from fivefold.languages.mongo.collections import Name
from fivefold.languages.mongo.context import Context
from fivefold.languages.mongo.topology import moment
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document

NO_COLLECTION = "$cmd.aggregate"
"""The name of what aggregate reads if it is for a whole database."""

_CURRENT = frozenset(
    {"allUsers", "idleConnections", "idleCursors", "idleSessions", "localOps", "truncateOps"}
)
_NOBODY = b"\xe3\xb0\xc4\x42\x98\xfc\x1c\x14\x9a\xfb\xf4\xc8\x99\x6f\xb9\x24" + (
    b"\x27\xae\x41\xe4\x64\x9b\x93\x4c\xa4\x95\x99\x1b\x78\x52\xb8\x55"
)
"""SHA-256 of no name: whose the sessions of clients are that did not log in."""


def operations(context: Context, *, idle: bool) -> Iterator[Document]:
    """Yield what other clients do; ``idle``: those too who do nothing, and who asks."""
    clients = list(context.server.clients()) if context.server is not None else [context.client]
    for client in clients:
        if idle or (client.operation and client is not context.client):
            yield _operation(context, client)


def _operation(context: Context, client: Client) -> Document:
    running = client.running or {}
    told: Document = {
        "type": "op",
        "host": client.local_address,
        "desc": f"conn{client.id}",
        "connectionId": client.id,
        "client": client.address,
        "clientMetadata": client.metadata or {},
        "active": client.operation != 0,
        "currentOpTime": _shown(context.now_ms),
    }
    if client.operation:
        took_ms = max(context.now_ms - client.operation_began_ms, 0)
        told |= {
            "opid": client.operation,
            "op": "command",
            "secs_running": Int64(took_ms // 1000),
            "microsecs_running": Int64(took_ms * 1000),
            "command": running,
        }
        name = next(iter(running), "")
        target = running.get(name)
        database = running.get("$db", "")
        told["ns"] = f"{database}.{target if isinstance(target, str) else '$cmd'}"
    return told


def idle_transactions(context: Context) -> Iterator[Document]:
    """Yield the transactions that are open and of which no command runs."""
    now_ms = context.now_ms
    for open_ in context.hub.idle_transactions():
        yield {
            "type": "idleSession",
            "host": context.client.local_address,
            "desc": "inactive transaction",
            "lsid": {"id": Binary(open_.lsid, 4), "uid": Binary(_NOBODY)},
            "transaction": {
                "parameters": {"txnNumber": Int64(open_.number), "autocommit": False},
                "startWallClockTime": _shown(open_.began_ms),
                "timeOpenMicros": Int64(max(now_ms - open_.began_ms, 0) * 1000),
            },
            "active": False,
        }


def _shown(ms: int) -> str:
    return moment(ms).isoformat(timespec="milliseconds") + "+00:00"


def _current_op(context: Context, name: Name, options: Document) -> Iterator[Document]:
    if name != ("admin", NO_COLLECTION):
        raise fault(73, "$currentOp must be run against the 'admin' database with {aggregate: 1}")
    for option, value in options.items():
        if option not in _CURRENT:
            raise fault(9, f"Unrecognized option '{option}' in $currentOp stage")
        if not isinstance(value, bool):
            raise fault(
                9,
                f"The '{option}' parameter of the $currentOp stage must be a boolean value, but"
                f" found: {type_name(value)}",
            )
    if options.get("idleCursors"):
        raise fault(115, "$currentOp does not tell of idle cursors: leave out 'idleCursors'")
    yield from operations(context, idle=options.get("idleConnections", False))
    if options.get("idleSessions", True):
        yield from idle_transactions(context)


def _sessions(context: Context, stage: str, options: Document) -> Iterator[Document]:
    """Yield the sessions of all, who are one user: nobody logs in."""
    for option, value in options.items():
        if option not in ("allUsers", "users"):
            raise fault(40415, f"BSON field '{stage}.{option}' is an unknown field.")
        wanted = bool if option == "allUsers" else list
        if not isinstance(value, wanted):
            expected = "bool" if option == "allUsers" else "array"
            raise fault(
                14,
                f"BSON field '{stage}.{option}' is the wrong type '{type_name(value)}', expected"
                f" type '{expected}'",
            )
    if options.get("allUsers") and options.get("users"):
        raise fault(72, f"{stage} may not specify {{allUsers:true}} and {{users:[...]}} at once")
    if options.get("users"):
        return
    for lsid, used_ms in context.hub.sessions.known():
        yield {
            "_id": {"id": Binary(lsid, 4), "uid": Binary(_NOBODY)},
            "lastUse": moment(used_ms),
        }


def _local_sessions(context: Context, name: Name, options: Document) -> Iterator[Document]:
    if name[1] != NO_COLLECTION:
        raise fault(73, "$listLocalSessions must be run against the database with {aggregate: 1}")
    return _sessions(context, "$listLocalSessions", options)


def _all_sessions(context: Context, name: Name, options: Document) -> Iterator[Document]:
    if name != ("config", "system.sessions"):
        raise fault(73, "$listSessions may only be run against config.system.sessions")
    return _sessions(context, "$listSessions", options)


TELLERS: dict[str, Callable[[Context, Name, Document], Iterator[Document]]] = {
    "$currentOp": _current_op,
    "$listLocalSessions": _local_sessions,
    "$listSessions": _all_sessions,
}
"""Stages that tell of the server."""
