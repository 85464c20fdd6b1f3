"""What the server is: buildInfo, hostInfo, getParameter, listCommands and their like.

Source: manual, "Diagnostic Commands", "Administration Commands"; what mongosh asks at its start.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from functools import partial
from os import cpu_count
from typing import Any

from bson.int64 import Int64

from fivefold import __version__
from fivefold.languages.mongo.arguments import need, truth
from fivefold.languages.mongo.command import ANY, Command
from fivefold.languages.mongo.context import Context
from fivefold.languages.mongo.topology import SET_NAME, SET_VERSION, TERM, last_write, moment
from fivefold.values.documents.codec import DOCUMENT_BYTES_MAX
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document

VERSION = "7.0.14"
"""The MongoDB that clients may take fivefold for: drivers and tools choose by it what to send."""

FEATURE_VERSION = "7.0"


def _build_info(context: Context, command: Document) -> Document:
    return {
        "version": VERSION,
        "fivefold": __version__,
        "gitVersion": "",
        "modules": [],
        "allocator": "system",
        "javascriptEngine": "none",
        "sysInfo": "deprecated",
        "versionArray": [*map(int, VERSION.split(".")), 0],
        "openssl": {"running": "", "compiled": ""},
        "buildEnvironment": {
            "distmod": "",
            "distarch": platform.machine(),
            "target_arch": platform.machine(),
            "target_os": sys.platform,
        },
        "bits": 64 if sys.maxsize > 2**32 else 32,
        "debug": False,
        "maxBsonObjectSize": DOCUMENT_BYTES_MAX,
        "storageEngines": ["fivefold"],
    }


def _host_info(context: Context, command: Document) -> Document:
    return {
        "system": {
            "currentTime": moment(context.now_ms),
            "hostname": platform.node(),
            "cpuAddrSize": 64,
            "numCores": cpu_count() or 1,
            "cpuArch": platform.machine(),
            "numaEnabled": False,
        },
        "os": {"type": platform.system(), "name": platform.system(), "version": platform.release()},
        "extra": {"pythonVersion": platform.python_version()},
    }


_PARAMETERS: Mapping[str, Any] = {
    "authenticationMechanisms": ["SCRAM-SHA-256"],
    "featureCompatibilityVersion": {"version": FEATURE_VERSION},
    "localLogicalSessionTimeoutMinutes": 30,
    "maxSessions": 1_000_000,
    "transactionLifetimeLimitSeconds": 60,
    "enableTestCommands": False,
    "requireApiVersion": False,
    "ttlMonitorEnabled": True,
    "internalQueryMaxBlockingSortMemoryUsageBytes": 100 * 1024 * 1024,
}
"""What getParameter tells: the parameters that clients ask for, with what holds here."""


def _get_parameter(context: Context, command: Document) -> Document:
    wanted = command["getParameter"]
    options = wanted if isinstance(wanted, dict) else {}
    if wanted == "*" or truth(options.get("allParameters")):
        return dict(_PARAMETERS)
    names = [name for name in command if name in _PARAMETERS]
    if not names:
        raise fault(72, "no option found to get")
    return {name: _PARAMETERS[name] for name in names}


def _command_line(context: Context, command: Document) -> Document:
    port = context.server.port if context.server is not None else 0
    return {
        "argv": ["fivefold", "serve"],
        "parsed": {
            "net": {"bindIp": "127.0.0.1", "port": port},
            "replication": {"replSet": SET_NAME},
        },
    }


_LOGS = ("global", "startupWarnings")


def _get_log(context: Context, command: Document) -> Document:
    name = need(command, "getLog", "string")
    if name == "*":
        return {"names": list(_LOGS)}
    if name not in _LOGS:
        raise fault(96, f"No log named '{name}'")
    return {"totalLinesWritten": 0, "log": []}


def _free_monitoring(context: Context, command: Document) -> Document:
    return {"state": "disabled", "message": "", "url": "", "userReminder": ""}


def _features(context: Context, command: Document) -> Document:
    return {"js": {"utf8": True}, "oidMachine": 0}


def _member(context: Context) -> Document:
    return {"_id": 0, "host": context.client.local_address}


def _set_status(context: Context, command: Document) -> Document:
    written = last_write(context.now_ms)
    server = context.server
    started_ms = server.started_ms if server is not None else context.now_ms
    member = {
        "_id": 0,
        "name": context.client.local_address,
        "health": 1.0,
        "state": 1,
        "stateStr": "PRIMARY",
        "uptime": (context.now_ms - started_ms) // 1000,
        "optime": written["opTime"],
        "optimeDate": written["lastWriteDate"],
        "electionTime": written["opTime"]["ts"],
        "electionDate": moment(started_ms),
        "configVersion": SET_VERSION,
        "configTerm": TERM,
        "self": True,
        "lastHeartbeatMessage": "",
    }
    return {
        "set": SET_NAME,
        "date": moment(context.now_ms),
        "myState": 1,
        "term": Int64(TERM),
        "heartbeatIntervalMillis": Int64(2000),
        "majorityVoteCount": 1,
        "writeMajorityCount": 1,
        "votingMembersCount": 1,
        "writableVotingMembersCount": 1,
        "members": [member],
    }


def _set_config(context: Context, command: Document) -> Document:
    member = _member(context) | {
        "arbiterOnly": False,
        "buildIndexes": True,
        "hidden": False,
        "priority": 1.0,
        "tags": {},
        "secondaryDelaySecs": Int64(0),
        "votes": 1,
    }
    return {
        "config": {
            "_id": SET_NAME,
            "version": SET_VERSION,
            "term": TERM,
            "members": [member],
            "protocolVersion": Int64(1),
        }
    }


def _default_concerns(context: Context, command: Document) -> Document:
    return {
        "defaultReadConcern": {"level": "local"},
        "defaultWriteConcern": {"w": "majority", "wtimeout": 0},
        "defaultWriteConcernSource": "implicit",
        "defaultReadConcernSource": "implicit",
        "localUpdateWallClockTime": moment(context.now_ms),
    }


def _list_commands(table: Mapping[str, Command], context: Context, command: Document) -> Document:
    told: Document = {}
    for name, each in sorted(table.items()):
        if name != each.name:
            continue
        told[name] = {
            "help": each.summary,
            "requiresAuth": not each.early,
            "secondaryOk": not each.writes,
            "secondaryOverrideOk": False,
            "adminOnly": "admin" in each.flags,
            "apiVersions": ["1"] if "stable" in each.flags else [],
            "deprecatedApiVersions": [],
        }
        if each.aliases:
            told[name]["aliases"] = list(each.aliases)
    return {"commands": told}


def describe(table: Mapping[str, Command]) -> list[Command]:
    """Return the commands that tell about the others, which are in ``table``."""
    handler = partial(_list_commands, table)
    return [
        Command("listCommands", handler, (), ("storeless",), summary="Tell about all commands.")
    ]


_FLAGS = ("storeless",)
_ADMIN = ("storeless", "admin")

COMMANDS = (
    Command(
        "buildInfo",
        _build_info,
        (),
        ("storeless", "early", "transaction"),
        aliases=("buildinfo",),
        summary="Tell which MongoDB fivefold can be taken for.",
    ),
    Command("hostInfo", _host_info, (), _FLAGS, summary="Tell about the machine."),
    Command(
        "getParameter", _get_parameter, ANY, _ADMIN, summary="Tell what a parameter is set to."
    ),
    Command("getCmdLineOpts", _command_line, (), _ADMIN, summary="Tell how it was started."),
    Command("getLog", _get_log, (), _ADMIN, summary="Tell the latest lines of the log."),
    Command(
        "getFreeMonitoringStatus",
        _free_monitoring,
        (),
        _ADMIN,
        summary="Tell that there is no such monitoring.",
    ),
    Command("features", _features, ("oidReset",), _FLAGS, summary="Tell what is built in."),
    Command(
        "replSetGetStatus",
        _set_status,
        ("initialSync",),
        _ADMIN,
        summary="Tell about the set of one member.",
    ),
    Command(
        "replSetGetConfig",
        _set_config,
        ("commitmentStatus",),
        _ADMIN,
        summary="Tell how the set of one member is made.",
    ),
    Command(
        "getDefaultRWConcern",
        _default_concerns,
        ("inMemory",),
        _ADMIN,
        summary="Tell the concerns of commands that have none.",
    ),
)
