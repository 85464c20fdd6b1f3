"""What the server does: serverStatus, top, currentOp, killOp.

Source: manual, "serverStatus", "top", "currentOp", "killOp": the parts that drivers, mongosh and
monitoring read.
"""

from __future__ import annotations

import os
import platform

from bson.int64 import Int64

from fivefold.languages.mongo.arguments import missing, truth, whole_number
from fivefold.languages.mongo.command import ANY, GENERAL, Command
from fivefold.languages.mongo.commands.information import VERSION
from fivefold.languages.mongo.context import Context
from fivefold.languages.mongo.match import matcher, parse_filter
from fivefold.languages.mongo.monitoring import operations
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
    return {"totals": {"note": "all times in microseconds", **context.hub.statistics.top()}}


def _profile(context: Context, command: Document) -> Document:
    level = whole_number(command["profile"], "profile.profile")
    if level not in (-1, 0):
        raise fault(
            238,
            f"there is no profiler, so its level stays 0: to see what is slow use explain, top"
            f" and $currentOp, not {{profile: {level}}}",
        )
    for name, default in _PROFILE.items():
        if command.get(name, default) != default:
            raise fault(238, f"there is no log of slow operations, and so no '{name}' to set")
    return {"was": 0, **{name: value for name, value in _PROFILE.items() if value is not None}}


_PROFILE = {"slowms": 100, "sampleRate": 1.0, "filter": None}


def _current_op(context: Context, command: Document) -> Document:
    wanted = {name: value for name, value in command.items() if name not in _NO_FILTER}
    matches = matcher(parse_filter(wanted))
    told = operations(context, idle=truth(command.get("$all")))
    return {"inprog": [each for each in told if matches(each)]}


_NO_FILTER = GENERAL | {"currentOp", "$all", "$ownOps"}


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
    Command(
        "profile",
        _profile,
        tuple(_PROFILE),
        ("storeless",),
        summary="Tell that operations are not profiled.",
    ),
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
