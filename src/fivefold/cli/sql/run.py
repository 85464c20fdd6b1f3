"""``fivefold sql STORE [STATEMENT]``: which way the statements come, and where results go."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.text import Text

import fivefold
from fivefold.api.result import Result
from fivefold.cli.failures import report
from fivefold.cli.line import Line
from fivefold.cli.sql import screen
from fivefold.cli.sql.statements import Statement, split
from fivefold.errors import FivefoldError


def run(store: str, statement: str | None) -> int:
    """Run what was given or piped in, or a shell; return the exit status."""
    with fivefold.open(store) as database, Line(database) as line:
        if statement is None and sys.stdin.isatty():
            from fivefold.cli.sql.shell import Shell

            Shell(store, line).run()
            return 0
        given = sys.stdin.read() if statement is None else statement
        return run_script(line, given, is_piped=statement is None)


def run_script(line: Line, text: str, is_piped: bool) -> int:
    """Run statements until one fails; return the exit status."""
    output = Output()
    statements, last = split(text)
    for each in [*statements, last] if last else statements:
        try:
            output.show(line.sql(each.text))
        except FivefoldError as error:
            output.flush()
            if is_piped:
                _say_where(each)
            report(error, each.text)
            return 1
    output.flush()
    return 0


def _say_where(statement: Statement) -> None:
    where = f"line {statement.line} of the input; what follows was not run"
    Console(stderr=True, highlight=False).print(Text(where, "dim"))


class Output:
    """Standard output: tables for people on a terminal, tabs for programs in a pipe."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)

    def show(self, result: Result) -> None:
        """Print a result's rows; on a terminal what else was done."""
        if result.description is None:
            if self.console.is_terminal and result.tag:
                self.console.print(Text(result.tag, "dim"))
            return
        names = [column[0] for column in result.description]
        if self.console.is_terminal:
            screen.show(self.console, names, result)
        else:
            screen.write_plain(sys.stdout, names, result)

    def flush(self) -> None:
        """Have what was printed stand before what standard error says next."""
        sys.stdout.flush()
