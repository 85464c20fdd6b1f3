r"""The SQL shell: statements over several lines until a semicolon, and backslash commands."""

from __future__ import annotations

import re
import time
from pathlib import Path

from rich.table import Table
from rich.text import Text

from fivefold.cli.failures import report
from fivefold.cli.line import Line
from fivefold.cli.shell import prompt_session, prompt_text
from fivefold.cli.sql import describe, screen
from fivefold.cli.sql.complete import SqlCompleter
from fivefold.cli.sql.run import Output
from fivefold.cli.sql.statements import split
from fivefold.errors import FivefoldError

COMMANDS = {
    "\\d": "list tables, views and sequences",
    "\\d NAME": "one of them, column by column",
    "\\dt": "list tables",
    "\\timing": "show how long each statement took, or stop doing so",
    "\\?": "this list",
    "\\q": "leave; so do quit, exit and Ctrl-D",
}

IDLE = "=>"
OPEN = "*>"
FAILED = "!>"  # inside a transaction that can only be rolled back

_TO_SAVEPOINT = re.compile(r"rollback\s+((work|transaction)\s+)?to\b", re.IGNORECASE)
_LEAVE = frozenset({"\\q", "quit", "exit"})
_KINDS = {"\\d": ("table", "view", "sequence"), "\\dt": ("table",)}


def is_complete(text: str) -> bool:
    """Say whether Enter runs the text: no statement in it still waits for its semicolon."""
    word = text.strip()
    return word.startswith("\\") or word.lower() in {*_LEAVE, "help"} or split(text)[1] is None


def mark_after(mark: str, statement: str, tag: str) -> str:
    """Return the prompt's mark after a statement that went well."""
    if tag in ("BEGIN", "START TRANSACTION"):
        return OPEN
    if mark != IDLE and tag == "ROLLBACK" and _TO_SAVEPOINT.match(statement):
        return OPEN
    return IDLE if tag in ("COMMIT", "ROLLBACK") else mark


class Shell:
    """One person at a prompt."""

    def __init__(self, store: str, line: Line) -> None:
        self.name = Path(store).stem if "://" not in store else store.rpartition("/")[2]
        self.line = line
        self.database = line.database
        self.output = Output()
        self.timing = False
        self.mark = IDLE

    def run(self) -> None:
        """Ask, run and show until the person leaves."""
        session = prompt_session(
            "sql",
            SqlCompleter(
                lambda: describe.names(self.database),
                [name for name in COMMANDS if " " not in name],
            ),
            is_complete,
        )
        self.output.console.print(Text("A statement ends with a semicolon. \\? lists commands."))
        while True:
            try:
                text = session.prompt(prompt_text(self.name, self.mark))
            except KeyboardInterrupt:
                continue  # the line is given up, as in other shells
            except EOFError:
                return
            if text.strip().lower() in _LEAVE:
                return
            self.handle(text)

    def handle(self, text: str) -> None:
        """Run a backslash command, or statements until one fails."""
        word = text.strip()
        if word.startswith("\\") or word.lower() == "help":
            self.command(word)
            return
        for statement in split(text)[0]:
            began = time.perf_counter()
            try:
                result = self.line.sql(statement.text)
                self.mark = mark_after(self.mark, statement.text, result.tag)
                self.output.show(result)
            except FivefoldError as error:
                self.mark = FAILED if self.mark == OPEN else self.mark
                report(error, statement.text)
                return
            if self.timing:
                took_ms = (time.perf_counter() - began) * 1000
                self.output.console.print(Text(f"Time: {took_ms:.3f} ms", "dim"))

    def command(self, line: str) -> None:
        """Run a backslash command."""
        console = self.output.console
        word, _, argument = line.partition(" ")
        describe.refresh(self.database)
        if word in _KINDS and not argument.strip():
            found = describe.listing(self.database, _KINDS[word])
            screen.show(console, describe.LIST_COLUMNS, found)
        elif word == "\\d":
            self.describe(argument.strip().rstrip(";"))
        elif word == "\\timing":
            self.timing = not self.timing
            console.print(f"Timing is {'on' if self.timing else 'off'}.")
        elif word in ("\\?", "help"):
            table = Table.grid(padding=(0, 3))
            for name, what in COMMANDS.items():
                table.add_row(Text(name, "bold"), Text(what))
            console.print(table)
        else:
            console.print(Text(f"{word} is not a command here; \\? lists those that are", "red"))

    def describe(self, name: str) -> None:
        """Print one table's columns and constraints."""
        console = self.output.console
        key = describe.resolve(self.database, name)
        if key is None:
            console.print(Text(f"there is no {name}; \\d lists what there is", "red"))
            return
        if found := describe.columns(self.database, key):
            console.print(screen.layout(console.width, describe.COLUMN_COLUMNS, found))
        for line in describe.constraints(self.database, key):
            console.print(Text(line), soft_wrap=True)
