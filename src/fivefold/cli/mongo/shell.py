"""The shell of ``fivefold mongo``: a prompt that knows its database, and statements at it."""

from __future__ import annotations

from pathlib import Path

from prompt_toolkit.shortcuts import clear

from fivefold.cli.failures import report
from fivefold.cli.mongo.complete import MongoCompleter
from fivefold.cli.mongo.run import Output, attempt
from fivefold.cli.mongo.session import Leave, Session
from fivefold.cli.mongo.statements import Words, is_complete, read
from fivefold.cli.shell import prompt_session, prompt_text
from fivefold.errors import FivefoldError


class Shell:
    """One person at a prompt."""

    def __init__(self, store: str, session: Session) -> None:
        self.name = Path(store).stem if "://" not in store else store.rpartition("/")[2]
        self.session = session
        self.output = Output(by_page=True)

    def run(self) -> None:
        """Ask, run and show until the person leaves."""
        prompt = prompt_session("mongo", MongoCompleter(self.session), is_complete)
        while True:
            try:
                text = prompt.prompt(prompt_text(f"{self.name} {self.session.database}", ">"))
                self.take(text)
            except KeyboardInterrupt:
                continue  # the input is given up, as in other shells
            except (EOFError, Leave):
                return

    def take(self, text: str) -> None:
        """Run statements until one fails. Raises Leave."""
        try:
            for statement in read(text):
                if isinstance(statement, Words) and statement.words == ("cls",):
                    clear()
                elif not attempt(self.session, statement, text, self.output):
                    return
        except FivefoldError as error:
            report(error, text)
