"""The CQL shell: statements over several lines until a semicolon."""

from __future__ import annotations

from fivefold.cli.cql.complete import CqlCompleter, Names
from fivefold.cli.cql.session import Session
from fivefold.cli.cql.statements import split
from fivefold.cli.shell import prompt_session, prompt_text
from fivefold.errors import FivefoldError

_NAMES = {
    "keyspace": "SELECT keyspace_name FROM system_schema.keyspaces",
    "table": "SELECT keyspace_name, table_name FROM system_schema.tables",
    "column": "SELECT keyspace_name, column_name FROM system_schema.columns",
}


def is_complete(text: str) -> bool:
    """Say whether Enter runs the text: no statement in it still waits for its semicolon."""
    return split(text)[1] is None


class Shell:
    """One person at a prompt."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def run(self) -> None:
        """Ask, run and show until the person leaves."""
        prompt = prompt_session("cql", CqlCompleter(self.names), is_complete)
        self.session.output.say("A statement ends with a semicolon. HELP lists commands.")
        while True:
            try:
                name = self.session.keyspace
                text = prompt.prompt(prompt_text(f"cql:{name}" if name else "cql", ">"))
                for statement in split(text)[0]:
                    if not self.session.attempt(statement):
                        break
            except KeyboardInterrupt:
                continue  # the line is given up, as in other shells
            except EOFError:
                return

    def names(self) -> Names:
        """Return what there is to be named, by its sort; of tables and columns those in sight."""
        try:
            pages = {sort: self.session.rows(query) for sort, query in _NAMES.items()}
        except FivefoldError:  # as when the file is busy: Tab then knows the keywords alone
            return {}
        own = self.session.keyspace
        found: dict[str, list[str]] = {}
        for sort, page in pages.items():
            for row in page.rows if page is not None else ():
                if sort == "keyspace" or row[0] == own:
                    found.setdefault(sort, []).append(str(row[-1]))
                elif sort == "table":
                    found.setdefault(sort, []).append(f"{row[0]}.{row[1]}")
        return found
