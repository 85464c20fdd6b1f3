"""What is known of a command besides what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from fivefold.languages.redis.context import Context
from fivefold.values.replies import Reply

Handler = Callable[[Context, list[bytes]], Reply]
"""From the context and the words of the command, its name first, to the reply."""

ANY_NUMBER = 1 << 62

_COUNTS_ITSELF = frozenset({"get", "getrange", "mget", "strlen", "substr"})
"""Commands that read by ``KeySpace.get``, which counts what it finds."""


@dataclass(frozen=True, slots=True, eq=False)
class Command:
    """One command, or one subcommand (``client|id``).

    ``arity`` is Redis's own: the number of words with the name, negative if it is only the
    least number. ``flags`` are those that COMMAND INFO shows. ``first``, ``last`` and ``step``
    say which words are keys. ``writes`` asks for a write transaction; ``may_write`` does for what
    is no write by Redis's flags, a script. ``scans`` says that its time grows with the database,
    so it is not for the server's loop. ``storeless`` commands never look into the store, and so
    run outside any transaction. ``immediate`` commands are not queued by MULTI. ``looks`` says
    that the keys it reads are to be counted when it has run.
    """

    name: str
    handler: Handler
    arity: int
    flags: tuple[str, ...] = ()
    first: int = 0
    last: int = 0
    step: int = 0
    scans: bool = False
    storeless: bool = False
    immediate: bool = False
    may_write: bool = False
    subcommands: Mapping[bytes, Command] = field(default_factory=lambda: MappingProxyType({}))
    looks: bool = field(init=False)
    writes: bool = field(init=False)
    least: int = field(init=False)
    most: int = field(init=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "writes", self.may_write or "write" in self.flags)
        reads = "readonly" in self.flags and self.first > 0
        put(self, "looks", reads and self.name not in _COUNTS_ITSELF)
        put(self, "least", abs(self.arity))
        put(self, "most", self.arity if self.arity > 0 else ANY_NUMBER)


def writing(name: str, handler: Handler, arity: int, *flags: str) -> Command:
    """Return a command that writes the one key that its first argument names."""
    return Command(name, handler, arity, ("write", *flags), 1, 1, 1)


def reading(name: str, handler: Handler, arity: int, *flags: str) -> Command:
    """Return a command that reads the one key that its first argument names."""
    return Command(name, handler, arity, ("readonly", *flags), 1, 1, 1)


def carry_out(context: Context, command: Command, words: list[bytes]) -> Reply:
    """Run a command that is not queued, and count the keys that it has read."""
    try:
        return command.handler(context, words)
    finally:  # a key of another kind was there too
        if command.looks:
            note_lookups(context, command, words)


def note_lookups(context: Context, command: Command, words: list[bytes]) -> None:
    """Count which of the keys that a command has read were there (keyspace_hits and _misses)."""
    space, now_ms = context.space, context.now_ms
    if command.last == 1:
        keys = words[1:2]
    else:
        end = command.last + 1 if command.last >= 0 else len(words) + command.last + 1
        keys = words[command.first : end : command.step]
    for key in keys:
        entry = space.entries.get(key)
        if entry is not None:  # else it was not looked at
            space.note_lookup(entry, now_ms)
