"""startSession, endSessions, refreshSessions, killSessions and their like.

Source: manual, "Sessions Commands"; the drivers' specification "Sessions".
"""

from __future__ import annotations

import uuid

from bson.binary import Binary

from fivefold.languages.mongo.arguments import wrong_type
from fivefold.languages.mongo.command import Command
from fivefold.languages.mongo.context import Context
from fivefold.languages.mongo.request import session_id_of
from fivefold.languages.mongo.sessions import TIMEOUT_MINUTES
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document

SESSIONS_TOLD_MAX = 10_000
"""As many sessions as a command may name; drivers send no more at once."""


def _named(command: Document) -> list[bytes]:
    """Return the ids of the sessions that a command names."""
    name = next(iter(command))
    given = command[name]
    if not isinstance(given, list):
        raise wrong_type(f"{name}.{name}", given, "array")
    if len(given) > SESSIONS_TOLD_MAX:
        raise fault(2, f"{name} takes {SESSIONS_TOLD_MAX} sessions at most, not {len(given)}")
    return [session_id_of(each, f"{name}.{name}.{number}") for number, each in enumerate(given)]


def _start(context: Context, command: Document) -> Document:
    lsid = uuid.uuid4().bytes
    context.hub.sessions.use(lsid, context.now_ms)
    return {"id": {"id": Binary(lsid, 4)}, "timeoutMinutes": TIMEOUT_MINUTES}


def _refresh(context: Context, command: Document) -> Document:
    for lsid in _named(command):
        context.hub.sessions.use(lsid, context.now_ms)
    return {}


def _end(context: Context, command: Document) -> Document:
    context.hub.sessions.end(_named(command))
    return {}


def _kill(context: Context, command: Document) -> Document:
    sessions = context.hub.sessions
    sessions.end(_named(command) or sessions.all())
    return {}


def _kill_all(context: Context, command: Document) -> Document:
    given = command[next(iter(command))]
    if not isinstance(given, list):
        raise wrong_type("killAllSessions.killAllSessions", given, "array")
    if given and context.hub.has_users:
        raise fault(238, "killAllSessions of some users only is not supported: name none for all")
    context.hub.sessions.end(context.hub.sessions.all())
    return {}


_FLAGS = ("storeless",)

COMMANDS = (
    Command("startSession", _start, (), _FLAGS, summary="Begin a session."),
    Command("refreshSessions", _refresh, (), (*_FLAGS, "stable"), summary="Keep sessions alive."),
    Command("endSessions", _end, (), (*_FLAGS, "stable"), summary="End sessions."),
    Command("killSessions", _kill, (), (*_FLAGS, "stable"), summary="End sessions and their work."),
    Command("killAllSessions", _kill_all, (), _FLAGS, summary="End all sessions."),
    Command(
        "killAllSessionsByPattern", _kill_all, (), _FLAGS, summary="End the sessions of some users."
    ),
)
