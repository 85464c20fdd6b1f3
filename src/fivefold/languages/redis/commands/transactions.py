"""MULTI, EXEC and WATCH.

Between MULTI and EXEC commands are only noted, with ``QUEUED`` for an answer; ``execute`` does
that. One that cannot be noted (unknown, wrong number of words) makes EXEC refuse everything.
EXEC runs all in one transaction. A command that fails inside it answers with its error and the
others stand: that is Redis's rule, and commands that fail have changed nothing.

A watched key is compared by the version that its every change stamps anew, inside EXEC's own
write transaction, so changes by other processes count. A key that was absent and is absent again
counts as unchanged, whatever happened in between.
"""

from __future__ import annotations

from time import perf_counter_ns

from fivefold.errors import (
    Denied,
    FivefoldError,
    InvalidState,
    InvalidStatement,
    InvalidValue,
    Unsupported,
)
from fivefold.languages.redis.command import Command, carry_out
from fivefold.languages.redis.context import Context
from fivefold.values.replies import NIL_ARRAY, Reply

# A command's own fault: the others of its MULTI stand. Anything else ends the transaction.
OWN_FAULTS = (Denied, InvalidState, InvalidStatement, InvalidValue, Unsupported)


def multi(context: Context, args: list[bytes]) -> Reply:
    """Begin to note commands for EXEC."""
    if context.session.queue is not None:
        raise InvalidState("MULTI calls can not be nested", "active_transaction")
    context.session.queue = []
    return "OK"


def discard(context: Context, args: list[bytes]) -> Reply:
    """Forget the commands noted since MULTI."""
    if context.session.queue is None:
        raise InvalidState("DISCARD without MULTI", "no_active_transaction")
    context.session.end_queue()
    return "OK"


def exec_(context: Context, args: list[bytes]) -> Reply:
    """Run the commands noted since MULTI, unless a watched key has changed.

    Raises what ends a transaction. After a conflict the session still holds its queue: run EXEC
    again in a new transaction, or call ``session.end_queue``.
    """
    session = context.session
    queue, database = session.queue, session.database
    if queue is None:
        raise InvalidState("EXEC without MULTI", "no_active_transaction")
    if session.queue_failed:
        session.end_queue()
        raise InvalidState(
            "Transaction discarded because of previous errors.", "in_failed_transaction"
        )
    if session.watched and _has_changed(context):
        session.end_queue()
        return NIL_ARRAY
    session.queue = None
    context.may_block = False
    replies: list[Reply] = []
    try:
        for command, words in queue:
            began_ns = perf_counter_ns()
            try:
                replies.append(carry_out(context, command, words))
            except OWN_FAULTS as fault:
                replies.append(fault)
            if context.hub.watched:
                microseconds = (perf_counter_ns() - began_ns) // 1000
                context.hub.note(session, command, words, microseconds)
    except BaseException as error:
        if isinstance(error, FivefoldError) and not error.retry:
            session.end_queue()
        else:  # a conflict, or the loop is no place for it: it will be run again
            session.queue, session.database = queue, database
        raise
    session.end_queue()
    return replies


def _has_changed(context: Context) -> bool:
    now_ms = context.now_ms
    for (number, key), version in context.session.watched.items():
        entry = context.space_of(number).find(key, now_ms)
        if version != (None if entry is None else entry.version):
            return True
    return False


def watch(context: Context, args: list[bytes]) -> Reply:
    """Let the next EXEC do nothing if one of these keys changes before it."""
    session, space = context.session, context.space
    if session.queue is not None:
        raise InvalidState("WATCH inside MULTI is not allowed", "active_transaction")
    for key in args[1:]:
        entry = space.find(key, context.now_ms)
        version = None if entry is None else entry.version
        session.watched.setdefault((session.database, key), version)
    return "OK"


def unwatch(context: Context, args: list[bytes]) -> Reply:
    """Forget all watched keys."""
    context.session.watched.clear()
    return "OK"


_FLAGS = ("noscript", "loading", "stale", "fast", "allow_busy")

COMMANDS = (
    Command("discard", discard, 1, _FLAGS, storeless=True, immediate=True),
    Command("exec", exec_, 1, ("noscript", "loading", "stale", "skip_slowlog"), immediate=True),
    Command("multi", multi, 1, _FLAGS, storeless=True, immediate=True),
    Command("unwatch", unwatch, 1, _FLAGS, storeless=True),
    Command("watch", watch, -2, _FLAGS, 1, -1, 1, immediate=True),
)
