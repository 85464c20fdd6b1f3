"""Statements one after the other, and the commands of the shell itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from fivefold.api.cql.client import Client, Page
from fivefold.cli.cql.screen import Output
from fivefold.cli.cql.statements import Statement, split
from fivefold.cli.failures import report
from fivefold.cli.line import Line
from fivefold.errors import FivefoldError, InvalidStatement

COMMANDS = {
    "HELP": "this list",
    "USE KEYSPACE": "take a keyspace, which names are then of",
    "DESCRIBE …": "KEYSPACES, TABLES, TABLE name, SCHEMA …: what there is, as CQL",
    "EXPAND ON|OFF": "show a column on each line",
    "SOURCE 'FILE'": "run the statements in a file",
    "EXIT": "leave; so do QUIT and Ctrl-D",
}


class Session:
    """Runs statements and shows what came of them."""

    def __init__(self, line: Line, client: Client) -> None:
        self.line = line
        self.client = client
        self.output = Output()

    @property
    def keyspace(self) -> str | None:
        """Return the keyspace that USE named."""
        return self.client.keyspace

    def attempt(self, statement: Statement) -> bool:
        """Run a statement or a command and show what came of it; say whether it went well."""
        word, _, argument = statement.text.partition(" ")
        command = _RUN.get(word.upper())
        try:
            if command is not None:
                return command(self, argument.strip())
            self._run(statement.text)
        except FivefoldError as error:
            self.output.flush()
            report(error, "" if command else statement.text)
            return False
        return True

    def rows(self, text: str) -> Page | None:
        """Return the rows of a statement. Raises FivefoldError."""
        return self.line.call(lambda: self.client.run(text))[1]

    def _run(self, text: str) -> None:
        result, page = self.line.call(lambda: self.client.run(text))
        if page is not None and page.names[-1:] == ["create_statement"]:
            # What DESCRIBE returns is meant to be read, and run again.
            for row in page.rows:
                self.output.say(f"\n{row[-1]}")
            self.output.say("")
        elif page is not None and page.names:
            self.output.show(page)
        for warning in result.warnings:
            Console(stderr=True, highlight=False, soft_wrap=True).print(f"Warnings :\n{warning}")

    # Commands

    def help(self, _: str) -> bool:
        """List the commands."""
        width = max(map(len, COMMANDS)) + 2
        for name, what in COMMANDS.items():
            self.output.say(f"{name:{width}}{what}")
        return True

    def expand(self, text: str) -> bool:
        """Show a column on each line, or no longer."""
        if text.upper() not in ("ON", "OFF", ""):
            raise InvalidStatement(f"EXPAND takes ON or OFF, not {text}")
        if text:
            self.output.expanded = text.upper() == "ON"
        self.output.say(f"Expanded output is {'on' if self.output.expanded else 'off'}")
        return True

    def source(self, text: str) -> bool:
        """Run the statements of a file until one fails."""
        path = Path(text.strip("'\"")).expanduser()
        try:
            given = path.read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidStatement(f"{path} cannot be read: {error}") from None
        statements, last = split(given)
        return all(map(self.attempt, [*statements, last] if last else statements))

    def leave(self, _: str) -> bool:
        """Leave."""
        raise EOFError


_RUN: dict[str, Callable[[Session, str], bool]] = {
    "HELP": Session.help,
    "EXPAND": Session.expand,
    "SOURCE": Session.source,
    "EXIT": Session.leave,
    "QUIT": Session.leave,
}
