"""Redis's protocol on the server: commands in, replies out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import repeat
from typing import TYPE_CHECKING, TypeVar

from fivefold.engine.redis import GET, QUICK, RedisSession
from fivefold.engine.session import MustWait
from fivefold.errors import FivefoldError
from fivefold.languages.redis.command import Command
from fivefold.languages.redis.session import Replies, Session
from fivefold.models.keyvalue.space import wrong_kind
from fivefold.serve.connection import ClientConnection
from fivefold.serve.limits import MESSAGES_TURN, SUBSCRIBER_BYTES_MAX
from fivefold.serve.parking import SOON_SECONDS, Parked
from fivefold.values.replies import Blocked, Frames, Reply
from fivefold.wire.redis.encode import ENCODERS, encode_bulk, encode_integer, encode_simple
from fivefold.wire.redis.errors import encode_error
from fivefold.wire.redis.machine import RedisMachine

if TYPE_CHECKING:
    import asyncio

    from fivefold.serve.server import Server

T = TypeVar("T")

Words = list[bytes]

NOTHING: dict[bytes, Command] = {}
"""In the place of ``QUICK`` where every command has to be looked at."""

NO_REPLY = Frames(())

GETS_TOGETHER = 4
"""From so many GETs in one input on, their keys are looked up by one statement."""


class Paused(Exception):
    """CLIENT PAUSE keeps the command waiting."""


class RedisConnection(ClientConnection):
    """One Redis client."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.machine = RedisMachine()
        self.machine.command_bytes_max = self.request_bytes(self.machine.command_bytes_max)
        self.client = Session(id=server.next_id(), created_ms=server.engine.clock.now_ms())
        self.client.deliver = self._deliver
        self.client.kill = self._kill
        self.commands = RedisSession(self.session, self.client, server.redis)
        self.hub = self.commands.hub
        self._quick = self.commands.quick
        self._ran = self.hub.statistics.ran.append
        self._now_ms = server.engine.clock.now_ms
        # A store in another process is not waited for on the loop.
        self._table = QUICK if self.session.in_process else NOTHING
        self._parked: Parked | None = None
        self._executing = False
        self._skipped = False  # the command that runs is not answered
        self._resumed = False  # from the server's pause
        self._waiting: list[Words] = []  # commands that came after the one being waited for

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        super().connection_made(transport)
        self.client.address = _address(transport.get_extra_info("peername"))
        self.client.local_address = _address(transport.get_extra_info("sockname"))
        socket = transport.get_extra_info("socket")
        self.client.descriptor = -1 if socket is None else socket.fileno()
        self.hub.statistics.connections += 1
        self.client.stranger = self.hub.has_users
        self.client.note_special()

    def receive(self, data: bytes) -> None:
        """Handle all commands that became whole."""
        commands = self.machine.receive(data)
        if self._waiting:
            commands = self._waiting + commands
            self._waiting = []
        if (
            len(commands) >= GETS_TOGETHER
            and self.client.queue is None
            and not (self.client.special or self.hub.watched)
            and self._table is QUICK
            and _all_get(commands)
        ):
            self._handle_gets(commands)
        else:
            self._handle(commands)
        if self.machine.fault is not None and not self.busy:
            self.out.append(self.machine.farewell)
            self.close()

    def _handle(self, commands: list[Words]) -> None:
        client, out, hub = self.client, self.out, self.hub
        self.commands.now_ms = client.last_ms = self._now_ms()
        table = NOTHING if client.special or hub.watched else self._table
        for number, words in enumerate(commands):
            command = table.get(words[0])
            try:
                if (
                    command is not None
                    and client.queue is None
                    and command.least <= len(words) <= command.most
                ):
                    client.last = words
                    reply = self._quick(command, words)
                    self._ran(command)
                else:
                    reply = self._execute(words)
                    table = NOTHING if client.special or hub.watched else self._table
            except FivefoldError as error:
                if command is not None:
                    self._ran(command)
                answer = encode_error(error)
                hub.statistics.fail(answer)
                out.append(answer)
                continue
            except Paused:
                self._wait_for_pause(commands[number:])
                return
            except MustWait as wait:
                self._waiting = commands[number + 1 :] + self._waiting
                self._wait(words, wait)
                return
            kind = type(reply)
            if kind is bytes:
                out.append(encode_bulk(reply))  # type: ignore[arg-type]  # by `kind`
            elif kind is str:
                out.append(encode_simple(reply))  # type: ignore[arg-type]  # by `kind`
            elif kind is int:
                out.append(encode_integer(reply))  # type: ignore[arg-type]  # by `kind`
            elif kind is Blocked:
                self._waiting = commands[number + 1 :] + self._waiting
                self._park(words, reply)  # type: ignore[arg-type]  # by `kind`
                return
            else:
                out.append(ENCODERS[client.protocol](reply))
            if client.ending:
                self.close()
                return
            if number + 1 == MESSAGES_TURN < len(commands):
                self._waiting = commands[number + 1 :]
                self.busy = True
                self.loop.call_soon(self._next_turn)
                return

    def _execute(self, words: Words) -> Reply:
        """Run a command that is not quick, or around which there is more to do. Raises Paused."""
        client, hub = self.client, self.hub
        client.last = words
        if client.pending:
            self._take_pending()
        if hub.paused_until_ms and self.commands.pauses(words):
            raise Paused
        self._skipped = client.replies is Replies.SKIP
        if self._skipped:
            client.replies = Replies.ON
            client.note_special()
        self._executing = True
        try:
            reply = self.commands.attempt(words, inline=True)
        except FivefoldError:
            if self._muted:
                return NO_REPLY
            raise
        except MustWait as wait:
            if self._skipped and wait.for_writer:  # it comes here again
                client.replies = Replies.SKIP
                client.note_special()
            raise
        finally:
            self._executing = False
        if client.pending:
            self._take_pending()  # its own messages come before the answer
        return self._unless_muted(reply)

    @property
    def _muted(self) -> bool:
        """Say whether the command that runs, or ran, is not answered."""
        return self._skipped or self.client.replies is Replies.OFF

    def _unless_muted(self, reply: Reply) -> Reply:
        """Return the reply if the client wants any; messages and the like always come."""
        if self._muted and not isinstance(reply, (Frames, Blocked)):
            return NO_REPLY
        return reply

    def _wait_for_pause(self, commands: list[Words]) -> None:
        """Keep the commands until the server's pause is over."""
        self._waiting = commands + self._waiting
        self.busy = True
        timer: asyncio.TimerHandle

        def resume() -> None:
            timer.cancel()
            if self.transport is not None and not self._resumed:
                self._resumed = True
                self._next_turn()

        self._resumed = False
        seconds = self.hub.wait_for_pause(lambda: self.server.wake(resume))
        timer = self.loop.call_later(seconds + SOON_SECONDS, resume)

    def _handle_gets(self, commands: list[Words]) -> None:
        """Answer a pipeline of GETs, whose keys are looked up together."""
        self.commands.now_ms = self.client.last_ms = self._now_ms()
        self.client.last = commands[-1]
        self.hub.statistics.ran.extend(repeat(GET, len(commands)))
        try:
            found = self.commands.values([words[1] for words in commands])
        except FivefoldError as error:
            self.out.extend([encode_error(error)] * len(commands))
            return
        null = ENCODERS[self.client.protocol](None)
        for _, key in commands:
            value = found.get(key)
            if value is not None:
                self.out.append(encode_bulk(value))
            elif key in found:
                self.out.append(encode_error(wrong_kind()))
            else:
                self.out.append(null)

    def _next_turn(self) -> None:
        self.busy = False
        self.resume_input()

    def _wait(self, words: Words, wait: MustWait) -> None:
        if wait.for_writer:
            self.wait(lambda: self._handle([words]), self._answer_error)
            return
        self.settle()
        run = [words]
        if self._joins(words):
            while self._waiting and len(run) < MESSAGES_TURN and self._joins(self._waiting[0]):
                run.append(self._waiting.pop(0))
        if len(run) == 1:
            self.start_task(self._on_thread_of_its_own(words))
        else:
            self.start_task(self._together(run))

    def _joins(self, words: Words) -> bool:
        """Say whether a command may share a transaction on a thread with those beside it."""
        client, command = self.client, QUICK.get(words[0])
        return (
            command is not None
            and command.least <= len(words) <= command.most
            and self._table is NOTHING
            and client.queue is None
            and not (client.special or self.hub.watched or self.session.open)
        )

    async def _together(self, run: list[Words]) -> None:
        def work() -> list[Reply]:
            return self.commands.together(run)

        try:
            replies = await self._on_worker(work, write=any(map(self.commands.writes, run)))
        except FivefoldError as error:
            replies = [error] * len(run)
        if self.client.pending:
            self._take_pending()
        for reply in replies:
            self._answer(reply)

    async def _on_thread_of_its_own(self, words: Words) -> None:
        waiters = self.hub.waiters
        seen = waiters.signalled
        reply = await self.run_on_thread(words)
        if self.client.pending:
            self._take_pending()
        if isinstance(reply, Blocked):
            parked = self._park(words, reply)
            if waiters.signalled != seen:  # before it stood in line
                await parked.run()
        else:
            self._answer(self._unless_muted(reply))

    def _answer(self, reply: Reply) -> None:
        """Answer with what a thread brought."""
        answer = ENCODERS[self.client.protocol](reply)
        if isinstance(reply, FivefoldError):
            self.hub.statistics.fail(answer)
        self.out.append(answer)

    async def run_on_thread(self, words: Words, *, again: bool = False) -> Reply:
        """Run a command on a worker thread."""

        def work() -> Reply:
            try:
                return self.commands.attempt(words, inline=False, again=again)
            except FivefoldError as error:
                return error

        try:
            return await self._on_worker(work, write=self.commands.writes(words))
        except FivefoldError as error:
            return error

    async def _on_worker(self, work: Callable[[], T], *, write: bool) -> T:
        if not write or self.session.in_process:
            return await self.on_worker(work, write=write)
        async with self.server.writing:
            return await self.on_worker(work, write=True)

    # Waiting for a key

    def _park(self, words: Words, blocked: Blocked) -> Parked:
        self.busy = self.parked = True
        self._parked = parked = Parked(self, words, blocked)
        return parked

    def unpark(self, reply: Reply) -> None:
        """Answer the command that waited, and go on with what came after it."""
        self._parked = None
        self.parked = False
        if self.client.pending:
            self._take_pending()
        self.out.append(ENCODERS[self.client.protocol](self._unless_muted(reply)))
        self.settle()
        if self.task is None:
            self.loop.call_soon(self._next_turn)

    def _answer_error(self, error: FivefoldError) -> None:
        self.out.append(encode_error(error))

    def _kill(self) -> None:
        """Close for CLIENT KILL; from now on the client is not seen any more."""
        self.client.kill = None
        self.server.wake(self.abort)

    # Messages

    def _deliver(self, messages: list[Reply]) -> None:
        """Send messages to this client; on any thread."""
        if threading.get_ident() == self.server.thread:
            if self._executing and isinstance(messages[0], str):
                self.loop.call_soon(self._hear, messages)  # MONITOR shows what was answered
            else:
                self._hear(messages)
        else:
            self.server.wake(lambda: self._hear(messages))

    def _hear(self, messages: list[Reply]) -> None:
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        self.out.extend(map(ENCODERS[self.client.protocol], messages))
        self.settle()
        if transport.get_write_buffer_size() > SUBSCRIBER_BYTES_MAX:
            self.abort()

    def _take_pending(self) -> None:
        messages, self.client.pending = self.client.pending, []
        self.out.extend(map(ENCODERS[self.client.protocol], messages))

    def end_session(self) -> None:
        """Give back what the client held; it is gone."""
        self.client.deliver = None
        if self._parked is not None:
            self._parked.cancel()
            self._parked = None
        self.hub.leave(self.client)
        super().end_session()

    def refuse(self, error: FivefoldError) -> None:
        """Tell a client that it cannot be served, and close."""
        self.out.append(encode_error(error))
        self.close()

    def shut_down(self) -> None:
        """Close: Redis has no farewell."""
        if self._parked is not None:
            self._parked.cancel()
            self._parked = None
            self.busy = self.parked = False
        self.close()

    def group_failed(self, error: FivefoldError) -> None:
        """Answer with the error and close: how many replies were lost, the client can count."""
        self.refuse(error)


def _all_get(commands: list[Words]) -> bool:
    return all(len(words) == 2 and words[0] in (b"GET", b"get") for words in commands)


def _address(name: object) -> str:
    return f"{name[0]}:{name[1]}" if isinstance(name, tuple) else ""
