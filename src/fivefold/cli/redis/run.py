"""``fivefold redis STORE [COMMAND…]``: one command, those piped in, or a shell."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.text import Text

import fivefold
from fivefold.cli.redis.replies import raw, readable
from fivefold.cli.redis.words import BadQuotes, split
from fivefold.errors import FivefoldError

Execute = Callable[[list[bytes]], object]

_LEAVE = frozenset({"quit", "exit"})


def run(store: str, command: list[str]) -> int:
    """Run the command given, those piped in, or a shell; return the exit status."""
    with fivefold.open(store) as database:

        def execute(words: list[bytes]) -> object:
            return database.redis.execute_command(*words)

        if command:
            words = [word.encode("utf-8", "surrogateescape") for word in command]
            return 0 if attempt(execute, words) else 1
        if sys.stdin.isatty():
            run_shell(store, execute)
            return 0
        return run_lines(execute)


def run_lines(execute: Execute) -> int:
    """Run the lines of standard input until one fails; return the exit status."""
    for number, line in enumerate(sys.stdin, 1):
        if not attempt_line(execute, line):
            sys.stderr.write(f"line {number} of the input; what follows was not run\n")
            return 1
    return 0


def run_shell(store: str, execute: Execute) -> None:
    """Ask, run and show until the person leaves."""
    from fivefold.cli.redis.complete import CommandCompleter, shown_after_input
    from fivefold.cli.shell import prompt_session, prompt_text

    session = prompt_session("redis", CommandCompleter(), lambda text: True, shown_after_input)
    state = PromptState(Path(store).stem)
    while True:
        try:
            line = session.prompt(prompt_text(state.text, ">"))
        except KeyboardInterrupt:
            continue  # the line is given up, as in other shells
        except EOFError:
            return
        if line.strip().lower() in _LEAVE:
            return
        if attempt_line(execute, line):
            state.follow(line)


class PromptState:
    """What the prompt tells of the session: its database, and whether commands are queued."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.database = 0
        self.queues = False

    def follow(self, line: str) -> None:
        """Take note of a command that went well."""
        match line.lower().split():
            case ["select", number] if number.isdigit() and not self.queues:
                self.database = int(number)
            case ["multi"]:
                self.queues = True
            case ["exec" | "discard"]:
                self.queues = False
            case ["reset"]:
                self.database, self.queues = 0, False

    @property
    def text(self) -> str:
        """Return the prompt without its mark."""
        number = f"[{self.database}]" if self.database else ""
        return self.name + number + ("(TX)" if self.queues else "")


def attempt_line(execute: Execute, line: str) -> bool:
    """Run the command on a line and show its reply, or its error; say whether it went well."""
    try:
        words = split(line)
    except BadQuotes as error:
        _complain(f"Invalid argument(s): {error}")
        return False
    return not words or attempt(execute, words)


def attempt(execute: Execute, words: list[bytes]) -> bool:
    """Run a command and show its reply, or its error; say whether it went well."""
    try:
        reply = execute(words)
    except FivefoldError as error:
        _complain(f"(error) {error.message}", error.hint)
        return False
    if sys.stdout.isatty():
        Console(highlight=False).print(Text(readable(reply)), soft_wrap=True)
    else:
        sys.stdout.buffer.write(raw(reply) + b"\n")
        sys.stdout.buffer.flush()
    return True


def _complain(message: str, hint: str | None = None) -> None:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text(message, "red"))
    if hint:
        console.print(Text.assemble(("HINT:", "bold"), f" {hint}"))
