"""The two doors of the room."""

from __future__ import annotations

from fivefold.plan import nodes as exp
from fivefold.plan.expr import Expr
from fivefold.plan.statement import Prepared, Statement, Template
from fivefold.stores.sqlite.names import render_template
from fivefold.stores.sqlite.render.changes import may_meet_twice
from fivefold.stores.sqlite.render.tables import HANDLERS
from fivefold.stores.sqlite.render.writer import Writer
from fivefold.stores.sqlite.watched import Watched


def prepare(statement: Statement) -> Prepared:
    """Return a statement with its text, ready to run. Raises Unsupported."""
    watched = isinstance(statement.source, Expr) and may_meet_twice(statement.source)
    kind = Watched if watched else Prepared
    return kind(statement, render(statement), statement.writes)


def render(statement: Statement) -> str:
    """Return the SQLite text of a statement. Raises Unsupported for what SQLite cannot say."""
    source = statement.source
    if isinstance(source, Template):
        return render_template(source)
    writer = Writer(HANDLERS, target=statement.target)
    text = str(writer.sql(source))
    count = len(statement.parameters)
    return text if writer.used >= count else _mentioning(count, text)


def _mentioning(number: int, text: str) -> str:
    """Mention a parameter that the text has no use for: SQLite counts those it has read."""
    mention = f'WITH "ff:parameters" AS (SELECT ?{number})'
    for beginning in ("WITH RECURSIVE ", "WITH "):
        if text.startswith(beginning):
            return f"{beginning}{mention[5:]}, {text.removeprefix(beginning)}"
    return f"{mention} {text}"


def render_expression(node: exp.Expr) -> str:
    """Return the SQLite text of one bound expression over a table's own columns.

    It holds deterministic functions only, as indexes and generated columns need, and plain
    column names.
    """
    return Writer(HANDLERS, pure=True).sql(node)
