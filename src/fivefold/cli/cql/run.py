"""``fivefold cql STORE [STATEMENT]``: which way the statements come."""

from __future__ import annotations

import sys

import fivefold
from fivefold.api.cql.client import Client
from fivefold.cli.cql.session import Session
from fivefold.cli.cql.statements import split
from fivefold.cli.line import Line


def run(store: str, statement: str | None) -> int:
    """Run what was given or piped in, or a shell; return the exit status."""
    with fivefold.open(store) as database:
        client = Client(database)
        with Line(database, lambda: client.interrupt) as line:
            session = Session(line, client)
            try:
                if statement is None and sys.stdin.isatty():
                    from fivefold.cli.cql.shell import Shell

                    Shell(session).run()
                    return 0
                given = sys.stdin.read() if statement is None else statement
                return run_script(session, given, is_piped=statement is None)
            finally:
                line.call(client.close)


def run_script(session: Session, text: str, is_piped: bool) -> int:
    """Run statements until one fails; return the exit status."""
    statements, last = split(text)
    for each in [*statements, last] if last else statements:
        try:
            went_well = session.attempt(each)
        except EOFError:  # EXIT
            break
        if not went_well:
            if is_piped:
                sys.stderr.write(f"line {each.line} of the input; what follows was not run\n")
            return 1
    session.output.flush()
    return 0
