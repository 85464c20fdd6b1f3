"""Running a script: which commands it may call, when it has to end, what it answers.

A script is one step of its transaction. What it wrote before an error of its own stands, as in
redis-server; if it is ended (time, memory, SCRIPT KILL) all is undone: such an end is raised, and
whoever opened the transaction rolls back.
"""

from __future__ import annotations

import time
from typing import Any

from fivefold.errors import FivefoldError, Limit
from fivefold.languages.redis.command import Command, carry_out
from fivefold.languages.redis.commands.transactions import OWN_FAULTS
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.scripting.cache import Script
from fivefold.languages.redis.scripting.convert import (
    FLAT_MAX,
    error_bytes,
    from_lua,
    plain,
    raised,
    to_lua,
)
from fivefold.languages.redis.scripting.interpreter import (
    ABORTED,
    MEMORY_BYTES_MAX,
    Answer,
    Interpreter,
)
from fivefold.values.replies import Reply

_REPLICATED = frozenset(("publish", "spublish", "pfcount"))
"""No writes by their flags, and yet refused to scripts that only read."""

INLINE_NS = 4_000_000
"""A script on the server's loop that takes longer is undone and run again on another thread."""

_OFF_THE_LOOP = 1 << 62


class Running:
    """One run of a script: what its interpreter asks of the host. Nothing here raises."""

    def __init__(self, context: Context, script: Script, read_only: bool, limit_ms: int) -> None:
        self.failure: BaseException | None = None
        self._context = context
        self._read_only = read_only
        self._killed = False
        self._limit_ms = limit_ms
        self._start_ns = time.monotonic_ns()
        self._row: list[Any] = []
        self._name = script.sha.decode()

    def kill(self) -> None:
        """Have the script end; from any thread."""
        self._killed = True

    def elapsed_ns(self) -> int:
        """Return how long the script has been running."""
        return time.monotonic_ns() - self._start_ns

    def tick(self) -> bool:
        """Say whether the script has to end; ``failure`` says why."""
        if self.failure is not None:
            return True
        elapsed_ns = self.elapsed_ns()
        if self._killed:
            self.failure = Limit("Script killed by user with SCRIPT KILL...", "query_canceled")
        elif self._limit_ms and elapsed_ns > self._limit_ms * 1_000_000:
            self.failure = Limit(
                f"Script ended after {self._limit_ms} ms, and all that it did undone:"
                " busy-reply-threshold",
                "statement_timeout",
            )
        elif elapsed_ns > INLINE_NS:
            try:
                self._context.expect(_OFF_THE_LOOP)
            except BaseException as error:  # what sends the command to a thread of its own
                self.failure = error
        return self.failure is not None

    def set_protocol(self, version: int) -> None:
        """Choose how replies look to the script from here on."""
        self._context.session.protocol = version

    def log(self, level: int, text: bytes) -> None:
        """Take a message for the log; there is none."""

    def is_allowed(self, words: tuple[object, ...]) -> Answer:
        """Say whether the user may run a command, which everybody may."""
        checked = _checked(words)
        if isinstance(checked, bytes):
            return None, checked
        if _find(checked) is None:
            return None, b"Invalid command passed to redis.acl_check_cmd()"
        return True, None

    def pull(self) -> Answer:
        """Return the next part of a reply that is a row."""
        part, self._row = self._row[:FLAT_MAX], self._row[FLAT_MAX:]
        return tuple(part)

    def call(self, words: tuple[object, ...]) -> Answer:
        """Run a command for the script."""
        if self.tick():
            return ABORTED
        checked = _checked(words)
        if isinstance(checked, bytes):
            return 5, b"ERR " + checked
        command = _find(checked)
        if command is None:
            return 2, b"ERR %b" % _unknown(checked)
        refusal = self._refusal(command, checked)
        if refusal is not None:
            return 2, b"ERR %b" % refusal
        try:
            if command.writes:
                self._context.ready(command, checked)
            reply = carry_out(self._context, command, checked)
        except OWN_FAULTS as fault:
            return 2, error_bytes(fault)
        except BaseException as error:  # raised again when the script has ended
            self.failure = error
            return ABORTED
        if isinstance(reply, FivefoldError):
            return 2, error_bytes(reply)
        answer, self._row = to_lua(reply, self._context.session.protocol)
        return answer

    def _refusal(self, command: Command, words: list[bytes]) -> bytes | None:
        if not command.least <= len(words) <= command.most:
            return b"Wrong number of args calling Redis command from script"
        if "noscript" in command.flags:
            return b"This Redis command is not allowed from script"
        if self._read_only and (command.writes or command.name in _REPLICATED):
            return b"Write commands are not allowed from read-only scripts."
        return None


def _checked(words: tuple[object, ...]) -> list[bytes] | bytes:
    """Return the words of a command as bytes, or the complaint."""
    if not words:
        return b"Please specify at least one argument for this redis lib call"
    made: list[bytes] = []
    for word in words:
        if type(word) is bytes:
            made.append(word)
        elif isinstance(word, int | float) and not isinstance(word, bool):
            made.append(b"%.17g" % word)
        else:
            return b"Lua redis lib command arguments must be strings or integers"
    return made


def _unknown(words: list[bytes]) -> bytes:
    """Return why a command that we do not have cannot be called."""
    from fivefold.languages.redis.metadata.facts import facts

    for name in (words[0], b"|".join(words[:2])):
        known = facts().get(name.lower().decode("latin-1"))
        if known is not None and "noscript" in known.flags:
            return b"This Redis command is not allowed from script"
        if known is not None and known.flags:
            return b"command '%b' is not supported by fivefold yet" % name.lower()
    return b"Unknown Redis command called from script"


def _find(words: list[bytes]) -> Command | None:
    from fivefold.languages.redis.commands import COMMANDS

    command = COMMANDS.get(words[0].lower())
    if command is None or not command.subcommands or len(words) == 1:
        return command
    return command.subcommands.get(words[1].lower())


def run_script(
    context: Context, script: Script, keys: list[bytes], arguments: list[bytes], read_only: bool
) -> Reply:
    """Run a script; return its reply, which may be an error. Raises what undoes all it did."""
    scripts = context.hub.scripts
    if not script.quick:
        context.expect(_OFF_THE_LOOP)
    session = context.session
    before = session.database, session.protocol
    running = Running(context, script, read_only, scripts.time_ms_max)
    interpreter = scripts.take()
    scripts.started(running)
    session.protocol, session.scripting = 2, True
    try:
        mark, rest = _run(interpreter, script, keys, arguments, running)
        protocol = session.protocol
    finally:
        scripts.ended(running)
        session.database, session.protocol = before
        session.scripting = False
        context.space = context.space_of(session.database)
    if running.failure is not None:
        raise running.failure
    if mark == -1:
        raise Limit(
            f"Script ended, and all that it did undone: it needs more than {MEMORY_BYTES_MAX >> 20}"
            " MB of memory",
            "program_limit_exceeded",
        )
    script.took(running.elapsed_ns())
    scripts.give_back(interpreter)
    return _outcome(script, mark, rest, protocol)


def _run(
    interpreter: Interpreter,
    script: Script,
    keys: list[bytes],
    arguments: list[bytes],
    running: Running,
) -> tuple[int, list[Any]]:
    from lupa.lua51 import LuaError  # type: ignore[import-untyped]  # lupa has no types

    try:
        if not interpreter.knows(script.sha):
            problem = interpreter.compile(script.sha, script.source)
            assert problem is None, problem
        return interpreter.run(script.sha, keys, arguments, running)
    except (LuaError, MemoryError):
        return -1, []


def _outcome(script: Script, mark: int, rest: list[Any], protocol: int) -> Reply:
    if mark == 0:
        return plain(rest[0], protocol)
    if mark == 1:
        return from_lua(rest, protocol)
    if mark == -2:
        return raised(b"ERR Error running script f_%b, %b" % (script.sha, rest[0][:100]))
    if mark == -3:
        text, *place = rest
        if place:
            text = b"%b script: %b, on %b:%b." % (text, script.sha, *place)
        return raised(text.translate(_ONE_LINE))
    return None


_ONE_LINE = bytes.maketrans(b"\r\n", b"  ")
