"""``fivefold mongo STORE [STATEMENT]``: one statement, those piped in, or a shell."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

from rich.console import Console
from rich.text import Text

import fivefold
from fivefold.cli.failures import report
from fivefold.cli.line import Line
from fivefold.cli.mongo.replies import readable
from fivefold.cli.mongo.session import DOCUMENTS_PER_PAGE, Leave, Plain, Session
from fivefold.cli.mongo.statements import Statement, read
from fivefold.cli.mongo.work import Pages, Refused
from fivefold.errors import FivefoldError


def run(store: str, statement: str | None) -> int:
    """Run the statements given, those piped in, or a shell; return the exit status."""
    with fivefold.open(store) as database, Line(database) as line:
        session = Session(line)
        if statement is None and sys.stdin.isatty():
            from fivefold.cli.mongo.shell import Shell

            Shell(store, session).run()
            return 0
        given = sys.stdin.read() if statement is None else statement
        return run_script(session, given, is_piped=statement is None)


def run_script(session: Session, text: str, is_piped: bool) -> int:
    """Run statements until one fails; return the exit status."""
    output = Output()
    try:
        for statement in read(text):
            if not attempt(session, statement, text, output):
                if is_piped:
                    line = text.count("\n", 0, statement.at) + 1
                    say(f"line {line} of the input; what follows was not run")
                return 1
    except Leave:
        return 0
    except FivefoldError as error:  # the text goes wrong here; what stands before it was run
        output.flush()
        report(error, text)
        return 1
    finally:
        output.flush()
    return 0


def attempt(session: Session, statement: Statement, text: str, output: Output) -> bool:
    """Do what a statement says and show what comes of it, or its error; say if it went well."""
    try:
        output.show(session.do(statement))
        return True
    except Refused as error:
        output.flush()
        complain(error)
    except FivefoldError as error:
        output.flush()
        report(error, text)
    return False


def complain(error: Refused) -> None:
    """Print why a command was refused, as mongosh does; what was done before it as well."""
    name = error.reply.get("codeName")
    kind = "MongoServerError" if error.done is None else "MongoBulkWriteError"
    named = f"{kind}[{name}]" if name else kind
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text.assemble((f"{named}:", "bold red"), f" {error.reply.get('errmsg', '')}"))
    if info := error.reply.get("errInfo"):
        console.print(Text(f"Additional information: {readable(info)}"))
    if error.done is not None:
        console.print(Text(f"Result: {readable(error.done)}"))


def say(text: str) -> None:
    """Print a remark to standard error."""
    Console(stderr=True, highlight=False).print(Text(text, "dim"))


class Output:
    """Standard output: colours for people on a terminal, the same text without in a pipe.

    ``by_page``: documents are shown some at a time, and ``it`` shows the next.
    """

    def __init__(self, by_page: bool = False) -> None:
        from fivefold.cli.mongo.colors import THEME

        self._console = Console(highlight=False, theme=THEME)
        self._by_page = by_page

    def show(self, value: Any) -> None:
        """Print what a statement returned."""
        if isinstance(value, Plain):
            self._write(value.text) if value.text else None
        elif isinstance(value, str):
            self._write(value)
        elif isinstance(value, Pages):
            self._pages(value)
        else:
            self._value(readable(value))

    def _pages(self, pages: Pages) -> None:
        found = pages.page(DOCUMENTS_PER_PAGE)
        if self._by_page or not pages.has_more:
            self._value(readable(found) if found else "")
            if pages.has_more:
                self._write('Type "it" for more')
            return
        self._value("[")
        for document, follows in _with_follower(found, iter(pages)):
            self._value("  " + readable(document, 2) + ("," if follows else ""))
        self._value("]")

    def _value(self, text: str) -> None:
        if not self._console.is_terminal:
            sys.stdout.write(f"{text}\n" if text else "")
            return
        from fivefold.cli.mongo.colors import ValueHighlighter

        if text:
            self._console.print(ValueHighlighter()(Text(text)), soft_wrap=True)

    def _write(self, text: str) -> None:
        if self._console.is_terminal:
            self._console.print(Text(text), soft_wrap=True)
        else:
            sys.stdout.write(f"{text}\n")

    def flush(self) -> None:
        """Have what was printed stand before what standard error says next."""
        sys.stdout.flush()


def _with_follower(first: list[Any], rest: Iterator[Any]) -> Iterator[tuple[Any, bool]]:
    """Yield the documents, each with whether another one follows."""
    held = first[-1]
    yield from ((one, True) for one in islice(first, len(first) - 1))
    for one in rest:
        yield held, True
        held = one
    yield held, False
