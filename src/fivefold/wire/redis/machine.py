"""One Redis connection: input to commands, and the few faults that end it.

Theory. A client may send any number of commands without waiting; each is answered in turn. A
command is an array of bulk strings, or, if its first byte is no `*`, a line of words. Between
commands nothing is remembered, so there are only three states: at the start of a command, at the
header of an argument, and inside an argument of known length.

Almost all input is a piece that begins and ends between two commands and holds small arguments:
`decode.split_commands` takes such pieces apart in one go. Everything else is read step by step,
with redis-server's own leniency (the byte after a `\\r`, and the two bytes after an argument, are
skipped unseen) and its own refusals, word for word. Either path takes over from the other between
any two commands, and they agree wherever both apply.

A fault does not undo the commands before it: `receive` still returns those, `fault` says what is
wrong, and `farewell` is what to send after the replies to them, before closing.
"""

from __future__ import annotations

from fivefold.errors import ProtocolFault
from fivefold.wire import limits
from fivefold.wire.redis.decode import parse_length, split_commands, split_inline
from fivefold.wire.redis.errors import encode_error
from fivefold.wire.redis.messages import Command

_UNKNOWN = -1


class RedisMachine:
    """The input side of one connection. Replies need no state but the version; see `encode`.

    `authenticated` is kept by the caller: while it is False the narrow limits for strangers hold.
    `held` is True if commands may be left in the buffer because an earlier command, just
    returned, may yet authenticate the client: handle those, then call `receive(b"")`.
    """

    __slots__ = (
        "_arguments",
        "_buffer",
        "_bulk_bytes",
        "_command_bytes",
        "_missing",
        "_parts",
        "_parts_bytes",
        "_wanted_bytes",
        "authenticated",
        "command_bytes_max",
        "farewell",
        "fault",
        "held",
    )

    def __init__(self, *, authenticated: bool = True) -> None:
        self.authenticated = authenticated
        self.fault: ProtocolFault | None = None
        self.farewell = b""
        self.held = False
        self._buffer = b""
        # The command being read: words so far, words to come, length of the next if announced.
        self._arguments: Command = []
        self._missing = 0
        self._bulk_bytes = _UNKNOWN
        self._command_bytes = 0
        self.command_bytes_max = limits.REDIS_COMMAND_BYTES_MAX
        # Pieces are gathered here, unjoined, until an announced argument is whole.
        self._parts: list[bytes] = []
        self._parts_bytes = 0
        self._wanted_bytes = 0

    def receive(self, data: bytes) -> list[Command]:
        """Return the commands that became whole with `data`, in order; never raises.

        After a fault everything that still arrives is dropped.
        """
        if self._buffer or self._missing:
            return self._receive_steps([], data, may_split=self.authenticated)
        if (
            not self.authenticated
            or self.fault is not None
            or len(data) > limits.REDIS_SPLIT_BYTES_MAX
        ):
            return self._receive_steps([], data, may_split=False)
        commands, rest = split_commands(data)
        return self._receive_steps(commands, rest, may_split=False) if rest else commands

    def _receive_steps(
        self, commands: list[Command], data: bytes, *, may_split: bool
    ) -> list[Command]:
        if self.fault is not None:
            return commands
        if self._wanted_bytes:
            self._parts.append(data)
            self._parts_bytes += len(data)
            if self._parts_bytes < self._wanted_bytes:
                return commands
            data = b"".join(self._parts)
            self._parts.clear()
            self._wanted_bytes = 0
        elif self._buffer:
            data = self._buffer + data
        self._buffer = b""
        self.held = False
        rest = self._read(commands, data, may_split)
        if self._bulk_bytes != _UNKNOWN:
            self._wanted_bytes = self._bulk_bytes + 2
            self._parts.append(rest)
            self._parts_bytes = len(rest)
        self._buffer = rest
        return commands

    def _read(self, commands: list[Command], data: bytes, may_split: bool) -> bytes:
        """Append whole commands to `commands`; return the input that is still of use.

        `may_split` asks to split what follows the command that was pending. Once only: input
        that cannot be split would be looked through again and again.
        """
        at = 0
        while at < len(data):
            if self._missing:
                after = self._read_argument(commands, data, at)
            elif data[at] == ord("*"):
                if (
                    commands
                    and self.authenticated
                    and len(data) - at < limits.REDIS_SPLIT_BYTES_MAX
                ):
                    more, rest = split_commands(data[at:])
                    commands += more
                    at = len(data) - len(rest)
                    if not rest:
                        break
                    if more:
                        continue
                after = self._read_count(commands, data, at)
            else:
                after = self._read_inline(commands, data, at)
            if self.fault is not None:
                return b""
            if after == at:
                break
            at = after
        return data[at:]

    def _read_inline(self, commands: list[Command], data: bytes, at: int) -> int:
        end = _line_end(data, at, b"\n")
        if end < 0:
            if len(data) - at > limits.REDIS_LINE_BYTES_MAX:
                self._fail("Protocol error: too big inline request")
            return at
        stop = end - 1 if end > at and data[end - 1] == ord("\r") else end
        words = split_inline(data[at:stop])
        if words is None:
            self._fail("Protocol error: unbalanced quotes in request")
        elif words:
            if words[0].lower() in (b"post", b"host:"):
                # A browser was made to talk to us: nothing it says may be run, or answered.
                self._fail("Protocol error: HTTP request", farewell=False)
                return at
            commands.append(words)
        return end + 1

    def _read_count(self, commands: list[Command], data: bytes, at: int) -> int:
        end = _line_end(data, at, b"\r")
        if end < 0:
            if len(data) - at > limits.REDIS_LINE_BYTES_MAX:
                self._fail("Protocol error: too big mbulk count string")
            return at
        if end + 2 > len(data):
            return at
        count = parse_length(data[at + 1 : end])
        if count is None or count > limits.REDIS_ARGUMENTS_MAX:
            self._fail("Protocol error: invalid multibulk length")
        elif count > limits.REDIS_UNAUTHENTICATED_ARGUMENTS_MAX and not self.authenticated:
            if commands:
                self.held = True
                return at
            self._fail("Protocol error: unauthenticated multibulk length")
        elif count > 0:
            self._missing = count
            self._command_bytes = 0
        return end + 2

    def _read_argument(self, commands: list[Command], data: bytes, at: int) -> int:
        if self._bulk_bytes == _UNKNOWN:
            at = self._read_bulk_header(commands, data, at)
            if self._bulk_bytes == _UNKNOWN:
                return at
        end = at + self._bulk_bytes
        if end + 2 > len(data):
            return at
        self._arguments.append(data[at:end])
        self._bulk_bytes = _UNKNOWN
        self._missing -= 1
        if not self._missing:
            commands.append(self._arguments)
            self._arguments = []
        return end + 2

    def _read_bulk_header(self, commands: list[Command], data: bytes, at: int) -> int:
        end = _line_end(data, at, b"\r")
        if end < 0:
            if len(data) - at > limits.REDIS_LINE_BYTES_MAX:
                self._fail("Protocol error: too big bulk count string")
            return at
        if end + 2 > len(data):
            return at
        if data[at] != ord("$"):
            got = data[at : at + 1].decode("utf-8", "surrogateescape")
            self._fail(f"Protocol error: expected '$', got '{got}'")
            return at
        length = parse_length(data[at + 1 : end])
        if length is None or not 0 <= length <= limits.REDIS_BULK_BYTES_MAX:
            self._fail("Protocol error: invalid bulk length")
            return at
        if length > limits.REDIS_UNAUTHENTICATED_BULK_BYTES_MAX and not self.authenticated:
            if commands:
                self.held = True
            else:
                self._fail("Protocol error: unauthenticated bulk length")
            return at
        self._command_bytes += length + limits.REDIS_ARGUMENT_OVERHEAD_BYTES
        if self._command_bytes > self.command_bytes_max:
            # redis-server says nothing at its own limit, which nobody meets by chance.
            told = self.command_bytes_max < limits.REDIS_COMMAND_BYTES_MAX
            self._fail("Protocol error: too big command", farewell=told)
            return at
        self._bulk_bytes = length
        return end + 2

    def _fail(self, message: str, *, farewell: bool = True) -> None:
        self.fault = ProtocolFault(message)
        self._arguments = []
        if farewell:
            self.farewell = encode_error(self.fault)


def _line_end(data: bytes, at: int, mark: bytes) -> int:
    """Return the offset of `mark`, or -1 where it is too far off or behind a zero byte.

    redis-server looks for it as in a C string, so a zero byte hides what follows, for ever.
    """
    stop = at + limits.REDIS_LINE_BYTES_MAX + 1
    end = data.find(mark, at, stop)
    if data.find(b"\0", at, stop if end < 0 else end) >= 0:
        return -1
    return end
