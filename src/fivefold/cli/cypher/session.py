"""Queries one after the other: their database, their parameters, their transaction."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fivefold.api.graph import Result, as_text
from fivefold.api.graph.client import Client
from fivefold.cli.cypher.screen import Output
from fivefold.cli.cypher.statements import Statement
from fivefold.cli.failures import report
from fivefold.cli.line import Line
from fivefold.errors import FivefoldError, InvalidState, InvalidStatement

COMMANDS = {
    ":help": "this list",
    ":use DATABASE": "take another database; neo4j is the first",
    ":param NAME => VALUE": "set a parameter, which queries know as $NAME",
    ":param {NAME: VALUE, …}": "set several",
    ":params": "list the parameters; :params clear forgets them",
    ":begin": "open a transaction; an error rolls it back",
    ":commit": "keep what the transaction did",
    ":rollback": "undo it",
    ":exit": "leave; so do :quit and Ctrl-D",
}
_PARAMETER = re.compile(r"(?:`(?P<quoted>[^`]+)`|(?P<name>\w+))\s*(?:=>|:)?\s*(?P<value>.+)", re.S)


class Session:
    """Runs statements and shows what came of them."""

    def __init__(self, line: Line, client: Client, database: str) -> None:
        self.line = line
        self.client = client
        self.database = database
        self.parameters: dict[str, Any] = {}
        self.output = Output()

    def query(self, text: str) -> Result:
        """Run a query; in a transaction, one that fails rolls all of it back."""
        try:
            return self.line.call(
                lambda: self.client.run(text, self.parameters, self.database),
            )
        except FivefoldError:
            self._undo()
            raise

    def attempt(self, statement: Statement) -> bool:
        """Run a query or a command and show what came of it; say whether it went well."""
        was_open = self.client.open
        try:
            if statement.is_command:
                self._command(statement.text)
            else:
                self.output.show(self.query(statement.text))
        except FivefoldError as error:
            self.output.flush()
            report(error, "" if statement.is_command else statement.text)
            if was_open and not self.client.open:
                self.output.say("The transaction was rolled back.", "dim")
            return False
        return True

    def _undo(self) -> None:
        if self.client.open:
            self.line.call(self.client.rollback)

    # Commands

    def _command(self, text: str) -> None:
        word, _, argument = text.partition(" ")
        run = _RUN.get(word.lower())
        if run is None:
            raise InvalidStatement(
                f"{word} is not a command here", "syntax_error", hint=":help lists those that are."
            )
        run(self, argument.strip())

    def help(self, _: str) -> None:
        """List the commands."""
        width = max(map(len, COMMANDS)) + 2
        for name, what in COMMANDS.items():
            self.output.say(f"{name:{width}}{what}")

    def use(self, name: str) -> None:
        """Take another database."""
        self._inside(False)
        name = name.strip("`") or "neo4j"
        self.database = self.line.call(lambda: self.client.check(name))

    def parameter(self, text: str) -> None:
        """Set a parameter, or several from a map."""
        if text in ("", "list", "clear"):
            self.list_parameters(text)
            return
        match = _PARAMETER.fullmatch(text)
        if match is None and not text.startswith("{"):
            raise InvalidStatement(
                "a parameter has a name and a value", "syntax_error", hint=":param x => 1"
            )
        record = self.query(f"RETURN {match['value'] if match else text} AS value").single()
        value: Any = record[0] if record else None
        self.parameters |= {match["quoted"] or match["name"]: value} if match else value

    def list_parameters(self, text: str) -> None:
        """List the parameters, or forget them."""
        if text == "clear":
            self.parameters.clear()
        for name, value in sorted(self.parameters.items()):
            self.output.say(f":param {name} => {as_text(value)}")

    def begin(self, _: str) -> None:
        """Open a transaction."""
        self._inside(False)
        self.line.call(lambda: self.client.begin(self.database))

    def commit(self, _: str) -> None:
        """Commit it."""
        self._inside(True)
        self.line.call(self.client.commit)

    def rollback(self, _: str) -> None:
        """Roll it back."""
        self._inside(True)
        self.line.call(self.client.rollback)

    def leave(self, _: str) -> None:
        """Leave."""
        raise EOFError

    def _inside(self, wanted: bool) -> None:
        if self.client.open == wanted:
            return
        if wanted:
            raise InvalidState("no transaction is open", "no_active_transaction")
        raise InvalidState(
            "a transaction is open", "active_transaction", hint="First :commit or :rollback."
        )


_RUN: dict[str, Callable[[Session, str], None]] = {
    ":help": Session.help,
    ":use": Session.use,
    ":param": Session.parameter,
    ":params": Session.list_parameters,
    ":begin": Session.begin,
    ":commit": Session.commit,
    ":rollback": Session.rollback,
    ":exit": Session.leave,
    ":quit": Session.leave,
}
