"""Redis commands over a session: which transaction each runs in, and on which key space."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import perf_counter_ns
from typing import TYPE_CHECKING, TypeVar

from fivefold.catalog.changes import Change, CreateContainer, CreateNamespace
from fivefold.engine.engine import Engine, Snapshot
from fivefold.engine.redis_hub import Hub, deliver, hub_of, keep
from fivefold.engine.redis_waiters import Place
from fivefold.engine.session import MustWait, StalePlan
from fivefold.engine.session import Session as EngineSession
from fivefold.errors import Conflict, FivefoldError, InvalidStatement, Violation
from fivefold.languages.redis import execute as language
from fivefold.languages.redis.channels import Delivery
from fivefold.languages.redis.command import Command, carry_out, note_lookups
from fivefold.languages.redis.commands.transactions import OWN_FAULTS
from fivefold.languages.redis.context import Server
from fivefold.languages.redis.session import Session
from fivefold.models.keyvalue import layout
from fivefold.models.keyvalue.fixed import Statements
from fivefold.models.keyvalue.space import KeySpace
from fivefold.stores.contract import Connection
from fivefold.values.replies import Blocked, Reply

if TYPE_CHECKING:
    from fivefold.engine.group import Group
    from fivefold.plan.statement import Prepared, Statement

T = TypeVar("T")

_NAMES_DATABASES = frozenset({"select", "move", "copy", "swapdb"})

QUICK: dict[bytes, Command] = {
    spelling: command
    for spelling, command in language.PLAIN.items()
    if (command.first or ("movablekeys" in command.flags and "noscript" not in command.flags))
    and not (command.scans or command.immediate or command.name in _NAMES_DATABASES)
    and not {"pubsub", "blocking"} & set(command.flags)
}
"""The commands on keys, which cost little unless they say ``expect``: what ``quick`` may run."""

GET = language.PLAIN[b"GET"]
SET = language.PLAIN[b"SET"]

ELEMENTS_INLINE_MAX = 2_000
"""How many elements a command may touch on the server's loop: about a millisecond's work."""


class Spaces:
    """The key spaces over one connection, by database number, made on first use."""

    __slots__ = ("_engine", "connection", "made")

    def __init__(
        self, engine: Engine, connection: Connection, made: dict[int, KeySpace] | None = None
    ) -> None:
        self.connection = connection
        self.made: dict[int, KeySpace] = {} if made is None else made
        self._engine = engine

    def get(self, number: int) -> KeySpace:
        """Return the key space of a database."""
        space = self.made.get(number)
        if space is None:
            statements = statements_of(self._engine, number)
            space = self.made[number] = KeySpace(self.connection, statements, exists=False)
        return space

    def settle(self) -> None:
        """Write what was put off, and forget what was known."""
        for space in self.made.values():
            if space.entries:
                space.settle()

    def forget(self) -> None:
        """Forget what was known and put off: the transaction is undone."""
        for space in self.made.values():
            space.forget()


def statements_of(engine: Engine, number: int) -> Statements:
    """Return the statements of a database, prepared once for each engine."""
    known = engine.prepared.get(("redis", number))
    if known is None:
        prepare: Callable[[Statement], Prepared] = engine.store.prepare
        looked = hub_of(engine).statistics.looked
        known = engine.prepared["redis", number] = Statements(prepare, number, looked)
    assert isinstance(known, Statements)
    return known


class MissingDatabases(Exception):
    """A script, of which nobody knew what it would call, writes to databases not there yet."""

    def __init__(self, numbers: set[int]) -> None:
        self.numbers = numbers


class RedisSession:
    """One client's Redis commands. The context of ``languages/redis`` and its driver in one.

    ``space`` and ``now_ms`` are set before every command, and so is ``inline``: the command is run
    on the server's loop, and must not take long there. ``effects`` are messages that the running
    command sends; once it has succeeded they wait for its transaction to commit.
    """

    __slots__ = (
        "_aligned",
        "_existing",
        "_group",
        "_grouped",
        "_own",
        "_seen",
        "effects",
        "engine",
        "hub",
        "inline",
        "may_block",
        "now_ms",
        "server",
        "session",
        "space",
        "spaces",
        "stamp",
        "transactions",
    )

    def __init__(
        self, transactions: EngineSession, session: Session, server: Server | None = None
    ) -> None:
        transactions.check_owner("the key-value model")
        self.engine = transactions.engine
        self.transactions = transactions
        self.session = session
        self.server = server
        self.hub: Hub = hub_of(self.engine)
        self.effects: list[Delivery] = []
        self.stamp = self.engine.clock.stamp
        self.now_ms = 0
        self.inline = self.may_block = False
        self._seen: Snapshot | None = None
        self._existing: frozenset[int] = frozenset()
        self._own: Spaces | None = None
        self._aligned: Snapshot | None = None  # the catalog by which the group's space stands
        self._group = group = transactions.group
        self._grouped = (
            None if group is None else Spaces(self.engine, group.connection, group.spaces)
        )
        self.spaces = self._grouped or self._on(transactions.connection())
        self.space = self.spaces.get(session.database)

    def space_of(self, number: int) -> KeySpace:
        """Return the key space of another database, in the same transaction."""
        space = self.spaces.get(number)
        self._align(space, number)
        return space

    def expect(self, elements: int) -> None:
        """Say that a command is about to touch so many elements. Raises MustWait if too many."""
        if self.inline and elements > ELEMENTS_INLINE_MAX:
            raise MustWait(for_writer=False)

    def ready(self, command: Command, words: list[bytes]) -> None:
        """See ``Context``."""
        if not self.space.exists or command.name in _NAMES_DATABASES:
            missing = {each for each in self._databases(command, words) if not self._exists(each)}
            if missing:
                raise MissingDatabases(missing)

    # Running commands

    def execute(self, words: list[bytes]) -> Reply:
        """Run one command, return its reply; it does not wait for a key. Raises FivefoldError."""
        self.may_block = False
        quick = QUICK.get(words[0])
        if (
            quick is not None
            and self.session.queue is None
            and quick.least <= len(words) <= quick.most
            and self.transactions.single_writer
            and not self.transactions.open
            and not self.hub.watched
        ):
            return self._quick_alone(quick, words)
        began_ns, noted = perf_counter_ns(), self.session.queue is None
        reply = self._run(words, inline=False)
        if self.hub.watched:
            self._note(words, noted, began_ns)
        assert not isinstance(reply, Blocked), words
        if isinstance(reply, FivefoldError):
            raise reply  # a script's own: what it wrote stands
        return reply

    def attempt(self, words: list[bytes], *, inline: bool, again: bool = False) -> Reply:
        """Run one command, which may want to wait for a key. ``inline``: raises MustWait too.

        ``again``: it has waited, and has been taken note of.
        """
        self.may_block = True
        began_ns = perf_counter_ns()
        noted = self.session.queue is None
        try:
            reply = self._run(words, inline)
        except FivefoldError:
            if self.hub.watched and noted:
                self._note_failed(words, began_ns)
            raise
        if not again:
            self._note(words, noted, began_ns)
        return reply

    def _note_failed(self, words: list[bytes], began_ns: int) -> None:
        """Take note of a command that failed, unless it was refused before it was run."""
        with suppress(FivefoldError):
            language.resolve(self.session, words)
            self._note(words, True, began_ns)

    def pauses(self, words: list[bytes]) -> bool:
        """Say whether CLIENT PAUSE has this command wait."""
        try:
            command = language.resolve(self.session, words)
        except FivefoldError:
            return False
        return self.hub.pauses(self.session, command)

    def _note(self, words: list[bytes], at_once: bool, began_ns: int) -> None:
        """Take note of a command that was carried out, unless it was only queued."""
        command = language.find(words)
        if at_once or command.immediate:
            self.hub.note(self.session, command, words, (perf_counter_ns() - began_ns) // 1000)

    def _run(self, words: list[bytes], inline: bool) -> Reply:
        command = language.resolve(self.session, words)
        if command.storeless and (command.immediate or self.session.queue is None):
            return self._storeless(command, words, inline)
        write = language.writes(self.session, command)
        if write:
            self._make_containers(inline, command, words)
        if inline and language.scans(self.session, command):
            raise MustWait(for_writer=False)
        transactions = self.transactions

        session = self.session
        queue, database = session.queue, session.database
        watched = dict(session.watched) if queue is not None else {}

        def work(connection: Connection) -> Reply:
            if queue is not None and session.queue is None:
                # EXEC again, after a commit that came too late: another has written meanwhile.
                session.queue, session.database, session.watched = queue, database, dict(watched)
            return self._settled(connection, inline, run)

        def run() -> Reply:
            reply = language.perform(self, command, words)
            if "m" in self.hub.notified:
                self._note_misses(command, words)
            return reply

        # What is read by several statements is of one moment; in the group and inside a
        # transaction it is anyway.
        several = write or queue is not None or not (inline or transactions.open)
        try:
            reply = transactions.perform(work, write=write, several=several, inline=inline)
        except MissingDatabases as missing:
            self._make_databases(inline, missing.numbers)
            return self._run(words, inline)
        if write:
            self._look_after(inline)
        elif self.effects:
            self._tell(inline)
        return reply

    def together(self, run: list[list[bytes]]) -> list[Reply]:
        """Run commands of ``QUICK`` that a client sent together in one transaction, on a thread.

        One's own fault is its reply. Raises what the store fails with; nothing was done then.
        """
        commands = [QUICK[words[0]] for words in run]
        write = any(command.writes for command in commands)
        if write:
            self._make_databases(False, {self.session.database})
        began_ns = perf_counter_ns()

        def handle() -> list[Reply]:
            replies: list[Reply] = []
            for command, words in zip(commands, run, strict=True):
                try:
                    replies.append(carry_out(self, command, words))
                except OWN_FAULTS as fault:
                    replies.append(fault)
            return replies

        replies = self.transactions.perform(
            lambda connection: self._settled(connection, False, handle), write=write, several=True
        )
        microseconds = (perf_counter_ns() - began_ns) // 1000 // len(run)
        for command, words in zip(commands, run, strict=True):
            self.hub.note(self.session, command, words, microseconds)
        if write:
            self._look_after(inline=False)
        return replies

    def _settled(self, connection: Connection, inline: bool, work: Callable[[], T]) -> T:
        """Run ``work`` over the key spaces of a connection and write what it put off."""
        self._use(connection)
        self.inline = inline
        self.effects.clear()
        try:
            result = work()
            self.spaces.settle()
        except Violation as error:
            self.spaces.forget()
            if self.transactions.single_writer:
                raise
            # Two writers beside each other made the same row; the server says so of a unique
            # key before it finds that they cannot be put in an order.
            raise Conflict("could not serialize access due to concurrent update") from error
        except BaseException:
            self.spaces.forget()
            raise
        return result

    def _storeless(self, command: Command, words: list[bytes], inline: bool) -> Reply:
        self.now_ms = self.engine.clock.now_ms()
        self.effects.clear()
        reply = command.handler(self, words)
        if self.effects:
            self._tell(inline)
        return reply

    def writes(self, words: list[bytes]) -> bool:
        """Say whether ``execute`` of these words needs the writer's place."""
        try:
            return language.writes(self.session, language.resolve(self.session, words))
        except FivefoldError:
            return False

    def quick(self, command: Command, words: list[bytes]) -> Reply:
        """Run a command that is not queued, takes one statement and no scan, in the group.

        The caller has looked at arity and queue, and set ``now_ms``. This is the path of GET and
        SET: nothing here but what they need.
        """
        group = self._group
        assert group is not None
        if (
            self._aligned is not self.engine.snapshot
            or self.spaces is not self._grouped
            or not self.space.exists
        ):
            self._turn_to_group(group, command, words)
        writes = command.writes
        if writes:
            if not group.writing:
                group.enter(True)
            if command is SET and len(words) == 3:
                self.space.put(words[1], words[2], self.stamp())
                return "OK"
        elif not group.open:
            group.enter(False)
        self.inline = True
        try:
            reply = command.handler(self, words)
        except FivefoldError as error:
            if not isinstance(error, OWN_FAULTS):
                group.fail(error)
            elif command.looks:
                note_lookups(self, command, words)
            raise
        if command.looks:
            note_lookups(self, command, words)
        elif writes and (self.effects or self.space.signals or self.space.expired):
            self._look_after(inline=True)
        return reply

    def values(self, keys: list[bytes]) -> dict[bytes, bytes | None]:
        """Return what GET of each key would, of those that are there; None for a wrong kind.

        For a pipeline of GETs outside MULTI, in the group.
        """
        group = self._group
        assert group is not None
        if (
            self._aligned is not self.engine.snapshot
            or self.spaces is not self._grouped
            or not self.space.exists
        ):
            self._turn_to_group(group, GET, [])
        elif not group.open:
            group.enter(False)
        return self.space.values(keys, self.now_ms)

    def _quick_alone(self, command: Command, words: list[bytes]) -> Reply:
        """Run such a command by itself, on the session's own connection: embedded GET and SET."""
        transactions = self.transactions
        connection = transactions.connection()
        if (
            self._aligned is not self.engine.snapshot
            or self.spaces.connection is not connection
            or not self.space.exists
        ):
            if command.writes:
                self._make_containers(False, command, words)
            self._use(connection)
            self._aligned = self.engine.snapshot
        self.now_ms = self.engine.clock.now_ms()
        self.inline = False
        space = self.space
        if not command.writes:
            if command is GET:
                return command.handler(self, words)
            connection.begin(write=False)  # so that a key and what is in it are of one moment
            try:
                return carry_out(self, command, words)
            finally:
                space.entries.clear()
                connection.commit()
        transactions.begin_alone(connection)
        try:
            reply = command.handler(self, words)
            self.spaces.settle()
        except BaseException:
            self.spaces.forget()
            self.effects.clear()
            transactions.end_alone(connection, commit=False)
            raise
        transactions.end_alone(connection, commit=True)
        if self.effects or space.signals or space.expired:
            self._look_after(inline=False)
        return reply

    def _turn_to_group(self, group: Group, command: Command, words: list[bytes]) -> None:
        if command.writes:
            self._make_containers(True, command, words)
        group.enter(command.writes)
        self._use(group.connection)
        self._aligned = self.engine.snapshot

    def _use(self, connection: Connection) -> None:
        """Turn to the connection on which the command runs."""
        if self._grouped is not None and connection is self._grouped.connection:
            self.spaces = self._grouped
        else:
            self.spaces = self._on(connection)
        self.now_ms = self.engine.clock.now_ms()
        self.space = self.space_of(self.session.database)

    def _on(self, connection: Connection) -> Spaces:
        if self._own is None or self._own.connection is not connection:
            self._own = Spaces(self.engine, connection)
        return self._own

    # Effects

    def publish(self, channel: bytes, message: bytes, *, shard: bool = False) -> int:
        """See ``Context``."""
        channels = self.hub.channels
        find = channels.shard_deliveries if shard else channels.deliveries
        found = find(channel, message)
        self.effects += found
        return len(found)

    def notify(self, kind: str, event: str, key: bytes, number: int | None = None) -> None:
        """See ``Context``."""
        if kind in self.hub.notified:
            database = self.session.database if number is None else number
            self.effects += self.hub.notices(database, event, key)

    def _note_misses(self, command: Command, words: list[bytes]) -> None:
        """Note which keys a command wanted to read that are not there."""
        if self.session.queue is not None or "readonly" not in command.flags:
            return
        end = command.last + 1 if command.last >= 0 else len(words) + command.last + 1
        for key in words[command.first : end : command.step] if command.first else ():
            if command.first == 1 and self.space.find(key, self.now_ms) is None:
                self.notify("m", "keymiss", key)

    def _look_after(self, inline: bool) -> None:
        """See to what the command's writes bring about for others."""
        places: list[Place] = []
        for number, space in self.spaces.made.items():
            if space.signals:
                places += [(number, key) for key in space.signals]
                space.signals.clear()
            if space.expired:
                if "x" in self.hub.notified:
                    for key in space.expired:
                        self.effects += self.hub.notices(number, "expired", key)
                space.expired.clear()
        if self.effects:
            self._tell(inline)
        if not places:
            return
        if self.transactions.open:
            self.transactions.committed.append(partial(self.hub.waiters.wake, places))
        elif inline and self._group is not None:
            self.hub.waiters.serve(places, self._group, self._is_there)
        else:
            self.hub.waiters.wake(places)

    def _is_there(self, place: Place) -> bool:
        number, key = place
        return self.spaces.get(number).find(key, self.now_ms) is not None

    def _tell(self, inline: bool) -> None:
        """Have the command's messages leave when its transaction has committed."""
        effects, self.effects = self.effects, []
        if self.transactions.open:
            self.transactions.committed.append(partial(deliver, effects))
        elif inline and self._group is not None and self._group.open:
            self._group.join(keep(effects))
        else:
            deliver(effects)

    # Containers

    def _exists(self, number: int) -> bool:
        snapshot = self.transactions.snapshot
        if snapshot is not self._seen:
            self._seen = snapshot
            self._existing = frozenset(
                number
                for number in range(layout.DATABASES)
                if snapshot.catalog.find(layout.namespace(number), layout.KEYS)
            )
        return number in self._existing

    def _align(self, space: KeySpace, number: int) -> None:
        """Have the key space know whether its container exists for the running transaction."""
        connection = self.spaces.connection
        if not self._exists(number) and connection.moved():
            self.engine.refresh(connection)  # another process may have made it
        if self._exists(number) != space.exists:
            if space.exists:
                space.close()
            else:
                space.open()

    def _make_containers(self, inline: bool, command: Command, words: list[bytes]) -> None:
        """Make what a write may need: the session's database, and those that it names."""
        self._make_databases(inline, self._databases(command, words))

    def _make_databases(self, inline: bool, numbers: set[int]) -> None:
        missing = [number for number in numbers if not self._exists(number)]
        if not missing:
            return
        if inline:
            raise MustWait(for_writer=False)  # once in a file's life: not worth a way of its own

        changes: list[Change] = []
        catalog = self.transactions.snapshot.catalog
        for number in missing:
            if layout.namespace(number) not in catalog.namespaces:
                changes.append(CreateNamespace(layout.namespace(number)))
            changes.extend(
                CreateContainer(container, layout.BOUND) for container in layout.containers(number)
            )
        try:
            self.transactions.change_schema(tuple(changes), catalog.version)
        except StalePlan:
            self._make_databases(inline, numbers)  # another process may have been first
        except InvalidStatement as error:
            # Where several write at a time, another has made it since the catalog was read.
            self.transactions.renew()
            seen = self.transactions.snapshot.version
            if not error.code.startswith("duplicate_") or seen == catalog.version:
                raise
            self._make_databases(inline, numbers)

    def _databases(self, command: Command, words: list[bytes]) -> set[int]:
        """Return the databases to which the command, or what EXEC will run, may write."""
        numbers = {self.session.database}
        run = [(command, words), *(self.session.queue or ())]
        for each, arguments in run:
            if each.name in _NAMES_DATABASES:
                numbers.update(int(word) for word in arguments[1:] if word.isdigit())
        return {number for number in numbers if number < layout.DATABASES}
