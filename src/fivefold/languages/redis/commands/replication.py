"""Replication, as a server answers that stands alone: it is the master, and has no replicas."""

from __future__ import annotations

from fivefold.languages.redis.arguments import parse_int
from fivefold.languages.redis.blocking import parse_timeout_ms
from fivefold.languages.redis.command import Command
from fivefold.languages.redis.context import Context
from fivefold.values.replies import Blocked, Reply


def role(context: Context, args: list[bytes]) -> Reply:
    """Return that this is a master, that its log is empty, and that it has no replicas."""
    return [b"master", 0, []]


def wait(context: Context, args: list[bytes]) -> Reply:
    """Wait until so many replicas have the writes of this client, or until the time is up."""
    wanted = parse_int(args[1])
    deadline_ms = parse_timeout_ms(context, args[2])
    if wanted <= 0 or not context.may_block:
        return 0
    return Blocked((), deadline_ms, 0)


COMMANDS = (
    Command("role", role, 1, ("noscript", "loading", "stale", "fast"), storeless=True),
    Command("wait", wait, 3, ("noscript",), storeless=True),
)
