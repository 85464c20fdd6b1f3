"""Embedded clients that wait for a key (BLPOP, XREAD BLOCK …): on the caller's own thread.

A commit of this process wakes them. What other processes write, or SQL, is looked for now and then.
"""

from __future__ import annotations

import threading

from fivefold.engine.redis import RedisSession
from fivefold.engine.redis_waiters import Waiter
from fivefold.errors import InvalidState, InvalidValue
from fivefold.values.replies import Blocked, Reply

POLL_SECONDS = 0.1
"""How often keys are looked at that nobody in this process has filled: two reads, about 20 µs."""


def execute_waiting(commands: RedisSession, words: list[bytes]) -> Reply:
    """Run one command and return its reply; if it has to wait for a key, wait.

    Raises FivefoldError, also if CLIENT UNBLOCK … ERROR ends the wait.
    """
    waiters = commands.hub.waiters
    seen = waiters.signalled
    reply = commands.attempt(words, inline=False)
    if not isinstance(reply, Blocked):
        return reply
    wait = _Wait(commands, list(reply.again) or words, reply)
    try:
        return wait.reply(waiters.signalled != seen)  # a key was filled before it stood in line
    finally:
        wait.end()


class _Wait:
    def __init__(self, commands: RedisSession, words: list[bytes], blocked: Blocked) -> None:
        self._commands = commands
        self._words = words
        self._blocked = blocked
        self._woken = threading.Event()
        self._unblocked: bool | None = None  # True: with an error
        number = commands.session.database
        self._waiter = Waiter(
            tuple((number, key) for key in blocked.keys), self._woken.set, self._unblock
        )
        commands.session.unblock = self._unblock
        commands.hub.waiters.add(self._waiter)

    def _unblock(self, error: bool) -> None:
        self._unblocked = error
        self._woken.set()

    def reply(self, filled: bool) -> Reply:
        while True:
            if filled:
                reply = self._attempt()
                if not isinstance(reply, Blocked):
                    return reply
            if self._unblocked:
                raise InvalidState(
                    "UNBLOCKED client unblocked via CLIENT UNBLOCK",
                    "object_not_in_prerequisite_state",
                )
            left = self._seconds_left()
            if left <= 0 or self._unblocked is not None:
                return self._blocked.timed_out
            filled = self._woken.wait(min(left, POLL_SECONDS)) or self._is_there()
            self._woken.clear()

    def _attempt(self) -> Reply:
        try:
            return self._commands.attempt(self._words, inline=False)
        except InvalidValue as error:
            if error.code != "wrong_value_kind":
                raise
            return self._blocked  # the key holds what nobody waits for: it may yet go

    def _seconds_left(self) -> float:
        deadline_ms = self._blocked.deadline_ms
        if deadline_ms is None:
            return POLL_SECONDS
        return (deadline_ms - self._commands.engine.clock.now_ms()) / 1000

    def _is_there(self) -> bool:
        return self._commands.execute([b"EXISTS", *self._blocked.keys]) != 0

    def end(self) -> None:
        self._commands.session.unblock = None
        self._commands.hub.waiters.remove(self._waiter)
