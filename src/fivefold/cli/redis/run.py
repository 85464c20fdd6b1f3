"""``fivefold redis STORE [COMMAND…]``: one command, those piped in, or a shell."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.text import Text

import fivefold
from fivefold.api.redis import error_text
from fivefold.cli.redis.replies import raw, readable
from fivefold.cli.redis.words import BadQuotes, split
from fivefold.errors import FivefoldError

Execute = Callable[[list[bytes]], object]
"""Runs a command and returns its reply. Raises FivefoldError."""

SLOW_SECONDS = 0.5
"""From here on the shell says how long a command took, as redis-cli does."""


def run(store: str, command: list[str]) -> int:
    """Run the command given, those piped in, or a shell; return the exit status."""
    with fivefold.open(store) as database:

        def execute(words: list[bytes]) -> object:
            return database.redis.execute_command(*words)

        if command:
            words = [word.encode("utf-8", "surrogateescape") for word in command]
            return 0 if attempt(execute, words) else 1
        if sys.stdin.isatty():
            from fivefold.cli.redis.shell import Shell

            Shell(Path(store).stem, database.redis).run()
            return 0
        return run_lines(execute)


def run_lines(execute: Execute) -> int:
    """Run the lines of standard input until one fails; return the exit status."""
    for number, line in enumerate(sys.stdin, 1):
        if not attempt_line(execute, line):
            sys.stderr.write(f"line {number} of the input; what follows was not run\n")
            return 1
    return 0


def attempt_line(execute: Execute, line: str) -> bool:
    """Run the command on a line and show its reply, or its error; say whether it went well."""
    words = words_of(line)
    return words is not None and (not words or attempt(execute, words))


def words_of(line: str) -> list[bytes] | None:
    """Return the words of a line; None, and say so, if its quotes are wrong."""
    try:
        return split(line)
    except BadQuotes as error:
        _complain(f"Invalid argument(s): {error}")
        return None


def attempt(
    execute: Execute, words: list[bytes], for_people: Callable[[object], str] = readable
) -> bool:
    """Run a command and show its reply, or its error; say whether it went well."""
    started = time.monotonic()
    try:
        reply = execute(words)
    except FivefoldError as error:
        _complain(f"(error) {error_text(error)}", error.hint)
        return False
    if not sys.stdout.isatty():
        sys.stdout.buffer.write(raw(reply) + b"\n")
        sys.stdout.buffer.flush()
        return True
    show(for_people(reply))
    took = time.monotonic() - started
    if took >= SLOW_SECONDS:
        show(f"({took:.2f}s)")
    return True


def show(text: str) -> None:
    """Write a text to the terminal as it is."""
    Console(highlight=False).print(Text(text), soft_wrap=True)


def _complain(message: str, hint: str | None = None) -> None:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text(message, "red"))
    if hint:
        console.print(Text.assemble(("HINT:", "bold"), f" {hint}"))
