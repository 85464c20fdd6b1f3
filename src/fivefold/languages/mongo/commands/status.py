"""What the server does: serverStatus, top, currentOp, killOp.

Source: manual, "serverStatus", "top", "currentOp", "killOp": the parts that drivers, mongosh and
monitoring read.
"""

from __future__ import annotations

import os
import platform

from bson.int64 import Int64

from fivefold.languages.mongo.arguments import missing, truth, whole_number
from fivefold.languages.mongo.client import Client
from fivefold.languages.mongo.command import ANY, Command
from fivefold.languages.mongo.commands.information import VERSION
from fivefold.languages.mongo.context import Context
from fivefold.languages.mongo.topology import SET_NAME, SET_VERSION, moment
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document

CONNECTIONS_MAX = 1_000


def _server_status(context: Context, command: Document) -> Document:
    server, statistics = context.server, context.hub.statistics
    started_ms = server.started_ms if server is not None else context.now_ms
    uptime_ms = context.now_ms - started_ms
    clients = list(server.clients()) if server is not None else [context.client]
    me = context.client.local_address
    status: Document = {
        "host": f"{platform.node()}:{server.port}" if server is not None else platform.node(),
        "version": VERSION,
        "process": "fivefold",
        "pid": Int64(os.getpid()),
        "uptime": uptime_ms / 1000,
        "uptimeMillis": Int64(uptime_ms),
        "uptimeEstimate": Int64(uptime_ms // 1000),
        "localTime": moment(context.now_ms),
        "connections": {
            "current": len(clients),
            "available": max(CONNECTIONS_MAX - len(clients), 0),
            "totalCreated": statistics.connections,
            "active": sum(client.operation != 0 for client in clients),
        },
        "logicalSessionRecordCache": {"activeSessionsCount": len(context.hub.sessions)},
        "network": {
            "bytesIn": Int64(statistics.bytes_in),
            "bytesOut": Int64(statistics.bytes_out),
            "numRequests": Int64(statistics.requests),
        },
        "opcounters": {name: Int64(count) for name, count in statistics.operations.items()},
        "repl": {
            "setName": SET_NAME,
            "setVersion": SET_VERSION,
            "isWritablePrimary": True,
            "secondary": False,
            "primary": me,
            "me": me,
            "hosts": [me],
        },
        "storageEngine": {
            "name": "fivefold",
            "supportsCommittedReads": True,
            "readOnly": False,
            "persistent": True,
        },
        "mem": {"bits": 64, "supported": True},
        "metrics": {
            "commands": {
                name: {"total": Int64(ran), "failed": Int64(failed)}
                for name, (ran, failed) in sorted(statistics.commands.items())
            }
        },
    }
    for name in list(status):
        if name in command and not truth(command[name]):
            del status[name]
    return status


def _top(context: Context, command: Document) -> Document:
    return {"totals": {"note": "all times in microseconds"}}


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
        "currentOpTime": moment(context.now_ms).isoformat(timespec="milliseconds") + "+00:00",
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


def _current_op(context: Context, command: Document) -> Document:
    for name in command:
        if name not in _CURRENT_FIELDS and not name.startswith("$"):
            raise fault(
                238,
                f"currentOp does not filter by '{name}': run it without, and filter what it tells",
            )
    clients = list(context.server.clients()) if context.server is not None else [context.client]
    everybody = truth(command.get("$all"))
    told = [_operation(context, client) for client in clients if everybody or client.operation]
    return {"inprog": told}


_CURRENT_FIELDS = frozenset(
    {"currentOp", "comment", "lsid", "maxTimeMS", "apiVersion", "apiStrict", "readConcern"}
)


def _kill_op(context: Context, command: Document) -> Document:
    if "op" not in command:
        raise missing("killOp.op")
    number = whole_number(command["op"], "killOp.op")
    for client in context.server.clients() if context.server is not None else ():
        if client.operation == number and client.kill is not None:
            client.kill()
    return {"info": "attempting to kill op"}


COMMANDS = (
    Command("serverStatus", _server_status, ANY, ("storeless",), summary="Tell what goes on."),
    Command("top", _top, (), ("storeless", "admin"), summary="Tell how long collections took."),
    Command(
        "currentOp",
        _current_op,
        ANY,
        ("storeless", "admin"),
        summary="Tell which commands are running.",
    ),
    Command("killOp", _kill_op, ("op",), ("storeless", "admin"), summary="End a running command."),
)
