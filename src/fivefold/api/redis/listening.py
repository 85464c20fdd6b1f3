"""Pub/sub in this process: redis-py's ``PubSub`` by its methods and messages.

A message is a dict: its ``type`` (``message``, ``pmessage``, ``smessage``, and ``subscribe`` and
its kin for what was asked), its ``pattern`` or None, its ``channel``, and its ``data``: bytes, or
how many channels and patterns are listened to now.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from fivefold.api.redis.words import Word, encode
from fivefold.engine.redis_hub import Hub
from fivefold.errors import InvalidState
from fivefold.languages.redis.channels import Family
from fivefold.languages.redis.session import Session
from fivefold.values.replies import Push, Reply

Message = dict[str, Any]
Handler = Callable[[Message], Any]

_MESSAGES = {b"message": Family.CHANNEL, b"pmessage": Family.PATTERN, b"smessage": Family.SHARD}


class PubSub:
    """Who listens. Each is to be read by one thread at a time."""

    def __init__(self, hub: Hub, ignore_subscribe_messages: bool = False) -> None:
        self.ignore_subscribe_messages = ignore_subscribe_messages
        self._hub = hub
        self._queue: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        self._handlers: dict[Family, dict[bytes, Handler | None]] = {each: {} for each in Family}
        self._session = Session(0, deliver=self._deliver)

    def _deliver(self, messages: list[Reply]) -> None:
        for message in messages:
            assert isinstance(message, Push), message
            self._queue.put(tuple(message.items))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self._hub.channels.leave(self._session)

    def close(self) -> None:
        """Listen to nothing, and forget what was not read."""
        self._hub.channels.leave(self._session)
        for handlers in self._handlers.values():
            handlers.clear()
        self._queue = queue.SimpleQueue()

    reset = close

    @property
    def subscribed(self) -> bool:
        """Say whether anything is listened to, or something of it is still to be read."""
        return self._session.listening or not self._queue.empty()

    @property
    def channels(self) -> Mapping[bytes, Handler | None]:
        """Return the channels listened to, each with what handles its messages."""
        return self._handlers[Family.CHANNEL]

    @property
    def patterns(self) -> Mapping[bytes, Handler | None]:
        """Return the patterns listened to, each with what handles their messages."""
        return self._handlers[Family.PATTERN]

    @property
    def shard_channels(self) -> Mapping[bytes, Handler | None]:
        """Return the shard channels listened to, each with what handles its messages."""
        return self._handlers[Family.SHARD]

    def subscribe(self, *args: Word, **kwargs: Handler) -> None:
        """Listen to channels; a keyword is a channel whose messages go to a function."""
        self._listen(Family.CHANNEL, args, kwargs)

    def psubscribe(self, *args: Word, **kwargs: Handler) -> None:
        """Listen to channels whose names match patterns; a keyword is one with its function."""
        self._listen(Family.PATTERN, args, kwargs)

    def ssubscribe(self, *args: Word, **kwargs: Handler) -> None:
        """Listen to shard channels; a keyword is one with its function."""
        self._listen(Family.SHARD, args, kwargs)

    def unsubscribe(self, *args: Word) -> None:
        """Listen no longer to channels, or to any."""
        self._stop(Family.CHANNEL, args)

    def punsubscribe(self, *args: Word) -> None:
        """Listen no longer to patterns, or to any."""
        self._stop(Family.PATTERN, args)

    def sunsubscribe(self, *args: Word) -> None:
        """Listen no longer to shard channels, or to any."""
        self._stop(Family.SHARD, args)

    def _listen(
        self, family: Family, names: tuple[Word, ...], handled: Mapping[str, Handler]
    ) -> None:
        asked: dict[bytes, Handler | None] = dict.fromkeys(map(encode, names))
        asked |= {encode(name): handler for name, handler in handled.items()}
        if not asked:
            raise InvalidState("nothing to listen to was named")
        self._handlers[family] |= asked
        for name in asked:
            self._hub.channels.add(self._session, family, name)
            self._confirm(f"{family.value}subscribe", name, family)

    def _stop(self, family: Family, names: tuple[Word, ...]) -> None:
        listened = list(self._session.listens.get(family.value, ()))
        for name in [encode(word) for word in names] or listened:
            self._hub.channels.remove(self._session, family, name)
            self._confirm(f"{family.value}unsubscribe", name, family)
        if not names and not listened:
            self._confirm(f"{family.value}unsubscribe", None, family)

    def _confirm(self, kind: str, name: bytes | None, family: Family) -> None:
        listens = self._session.listens
        families = "s" if family is Family.SHARD else ("", "p")
        self._queue.put((kind.encode(), name, sum(len(listens.get(each, ())) for each in families)))

    def ping(self, message: Word | None = None) -> bool:
        """Have a message of type ``pong`` come."""
        self._queue.put((b"pong", b"" if message is None else encode(message)))
        return True

    # Reading

    def get_message(
        self, ignore_subscribe_messages: bool = False, timeout: float | None = 0.0
    ) -> Message | None:
        """Return the next message, or None if none comes within ``timeout`` seconds.

        None waits without an end. None is returned too for a message that a function handled.
        """
        try:
            items = self._queue.get(timeout != 0, timeout or None)
        except queue.Empty:
            return None
        return self._handle(items, ignore_subscribe_messages)

    get_sharded_message = get_message

    def listen(self) -> Iterator[Message]:
        """Yield messages, as long as anything is listened to."""
        while self.subscribed:
            message = self._handle(self._queue.get(), False)
            if message is not None:
                yield message

    def _handle(self, items: tuple[Any, ...], ignore: bool) -> Message | None:
        kind, *told, data = items
        pattern = told.pop(0) if kind == b"pmessage" else None
        channel = told[0] if told else None
        message = {
            "type": kind.decode(),
            "pattern": pattern,
            "channel": channel,
            "data": data,
        }
        family = _MESSAGES.get(kind)
        if family is None:
            return self._note(message, ignore)
        handler = self._handlers[family].get(told[0] if pattern is None else pattern)
        if handler is None:
            return message
        handler(message)
        return None

    def _note(self, message: Message, ignore: bool) -> Message | None:
        """Look at a message that is about listening itself."""
        kind, name = message["type"], message["channel"]
        if kind.endswith("unsubscribe"):
            family = Family(kind.removesuffix("unsubscribe"))
            if name not in self._session.listens.get(family.value, ()):
                self._handlers[family].pop(name, None)
        if kind != "pong" and (ignore or self.ignore_subscribe_messages):
            return None
        return message

    def run_in_thread(
        self,
        sleep_time: float = 0.0,
        daemon: bool = False,
        exception_handler: Callable[[BaseException, PubSub, Listener], Any] | None = None,
    ) -> Listener:
        """Read in a thread of its own; every name must have a function. Return the thread."""
        names = [
            name.decode("utf-8", "replace")
            for handlers in self._handlers.values()
            for name, handler in handlers.items()
            if handler is None
        ]
        if names:
            raise InvalidState(f"{', '.join(names)}: no function handles the messages")
        listener = Listener(self, sleep_time, daemon, exception_handler)
        listener.start()
        return listener


class Listener(threading.Thread):
    """Reads messages and has them handled, until ``stop`` is called."""

    def __init__(
        self,
        pubsub: PubSub,
        sleep_time: float,
        daemon: bool,
        exception_handler: Callable[[BaseException, PubSub, Listener], Any] | None,
    ) -> None:
        super().__init__(daemon=daemon)
        self._pubsub = pubsub
        self._sleep_time = sleep_time or 0.1
        self._exception_handler = exception_handler
        self._stopping = threading.Event()

    def run(self) -> None:
        """Read messages; called by the thread."""
        while not self._stopping.is_set():
            try:
                self._pubsub.get_message(True, self._sleep_time)
            except Exception as error:  # whatever a handler raises is for its own user to judge
                if self._exception_handler is None:
                    self._pubsub.close()
                    raise
                self._exception_handler(error, self._pubsub, self)
        self._pubsub.close()

    def stop(self) -> None:
        """Have the thread end, and listen to nothing."""
        self._stopping.set()
