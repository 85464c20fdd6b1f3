"""The Cypher shell: queries over several lines until a semicolon, and commands with a colon."""

from __future__ import annotations

from fivefold.cli.cypher.complete import CypherCompleter, Names
from fivefold.cli.cypher.session import COMMANDS, Session
from fivefold.cli.cypher.statements import split
from fivefold.cli.shell import prompt_session, prompt_text
from fivefold.errors import FivefoldError

_LEAVE = frozenset({"quit", "exit"})
_NAMES = {
    "label": "CALL db.labels()",
    "type": "CALL db.relationshipTypes()",
    "property": "CALL db.propertyKeys()",
    "procedure": "SHOW PROCEDURES YIELD name",
    "function": "SHOW FUNCTIONS YIELD name",
}


def is_complete(text: str) -> bool:
    """Say whether Enter runs the text: no query in it still waits for its semicolon."""
    return text.strip().lower() in {*_LEAVE, "help"} or split(text)[1] is None


class Shell:
    """One person at a prompt."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def run(self) -> None:
        """Ask, run and show until the person leaves."""
        commands = sorted({name.partition(" ")[0] for name in COMMANDS})
        prompt = prompt_session("cypher", CypherCompleter(self.names, commands), is_complete)
        self.session.output.say("A query ends with a semicolon. :help lists commands.")
        while True:
            mark = "#" if self.session.client.open else ">"
            try:
                text = prompt.prompt(prompt_text(self.session.database, mark))
                if text.strip().lower() in _LEAVE:
                    return
                self.handle(text)
            except KeyboardInterrupt:
                continue  # the line is given up, as in other shells
            except EOFError:
                return

    def handle(self, text: str) -> None:
        """Run statements until one fails. Raises EOFError where one says to leave."""
        text = ":help" if text.strip().lower() == "help" else text
        for statement in split(text)[0]:
            if not self.session.attempt(statement):
                return

    def names(self) -> Names:
        """Return what there is to be named, by its sort."""
        session = self.session

        def ask() -> Names:
            run, database = session.client.run, session.database
            return {sort: run(query, {}, database).value() for sort, query in _NAMES.items()}

        try:
            found = session.line.call(ask)
        except FivefoldError:  # as when the file is busy: Tab then knows the keywords alone
            return {}
        return {**found, "parameter": [f"${name}" for name in session.parameters]}
