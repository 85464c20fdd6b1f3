"""The shell of ``fivefold redis``: a prompt that knows its session, HELP, and messages."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.shortcuts import clear

from fivefold.api.redis import PubSub, Redis
from fivefold.cli.redis.complete import CommandCompleter, hints_of
from fivefold.cli.redis.hints import Reference
from fivefold.cli.redis.manual import NAMES, manual
from fivefold.cli.redis.replies import readable
from fivefold.cli.redis.run import attempt, show, words_of
from fivefold.cli.shell import prompt_session, prompt_text

_LEAVE = frozenset({"quit", "exit"})


class Shell:
    """One session: asks, runs and shows until the person leaves."""

    def __init__(self, name: str, redis: Redis) -> None:
        self._redis = redis
        self._reference = Reference(redis.execute_command)
        self._state = PromptState(name)
        self._listener: PubSub | None = None

    def run(self) -> None:
        """Ask, run and show until the person leaves."""
        completer, hints = CommandCompleter(self._reference), hints_of(self._reference)
        session = prompt_session("redis", completer, lambda text: True, hints)
        while True:
            try:
                line = session.prompt(prompt_text(self._state.text, ">"))
                if line.strip().lower() in _LEAVE:
                    return
                self._take_or_give_up(line)
            except KeyboardInterrupt:
                continue  # the line is given up, as in other shells
            except EOFError:
                return

    def _take_or_give_up(self, line: str) -> None:
        try:
            self.take(line)
        except KeyboardInterrupt:
            show("")  # what waited for a key waits no longer; the prompt goes to a line of its own

    def take(self, line: str) -> None:
        """Do what a line says."""
        words = words_of(line)
        if not words:
            return
        name = words[0].decode("utf-8", "replace").lower()
        if name in NAMES:
            show(manual(self._reference, [word.decode("utf-8", "replace") for word in words[1:]]))
        elif name == "clear":
            clear()
        elif name in _LISTENING and not self._state.queues:
            self._listen(name, words[1:])
        else:
            self._attempt(words)
        self._show_messages()

    def _attempt(self, words: list[bytes]) -> None:
        times = 1
        if words[0].isdigit() and len(words) > 1:
            times, words = int(words[0]), words[1:]
        for _ in range(times):
            if not attempt(self._execute, words, self._readable):
                return

    def _execute(self, words: list[bytes]) -> object:
        reply = self._redis.execute_command(*words)
        self._state.follow([word.decode("utf-8", "replace").lower() for word in words])
        return reply

    def _readable(self, reply: object) -> str:
        return readable(reply, self._state.protocol)

    # Messages come from this program alone: it is the only one of its process.

    def _listen(self, name: str, names: list[bytes]) -> None:
        if self._listener is None:
            self._listener = self._redis.pubsub()
        if not names and "un" not in name:
            self._attempt([name.encode()])  # which says what is wrong with it
            return
        _LISTENING[name](self._listener, *names)

    def _show_messages(self) -> None:
        listener = self._listener
        if listener is None:
            return
        while (message := listener.get_message()) is not None:
            told = [message["type"].encode(), message["channel"], message["data"]]
            if message["pattern"] is not None:
                told.insert(1, message["pattern"])
            show(readable(told))
        self._state.listens = listener.subscribed


_LISTENING: dict[str, Callable[..., None]] = {
    "subscribe": PubSub.subscribe,
    "psubscribe": PubSub.psubscribe,
    "ssubscribe": PubSub.ssubscribe,
    "unsubscribe": PubSub.unsubscribe,
    "punsubscribe": PubSub.punsubscribe,
    "sunsubscribe": PubSub.sunsubscribe,
}


class PromptState:
    """What the prompt tells of the session, and which protocol's types its replies have."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.database = 0
        self.queues = False
        self.listens = False
        self.protocol = 2

    def follow(self, words: list[str]) -> None:
        """Take note of a command that went well, in lower case."""
        match words:
            case ["select", number] if number.isdigit() and not self.queues:
                self.database = int(number)
            case ["hello", "2" | "3" as version, *_]:
                self.protocol = int(version)
            case ["multi"]:
                self.queues = True
            case ["exec" | "discard"]:
                self.queues = False
            case ["reset"]:
                self.database, self.queues, self.protocol = 0, False, 2

    @property
    def text(self) -> str:
        """Return the prompt without its mark."""
        number = f"[{self.database}]" if self.database else ""
        marks = ("(TX)" if self.queues else "") + ("(subscribed)" if self.listens else "")
        return self.name + number + marks
