"""The two doors of the room."""

from __future__ import annotations

from sqlglot import exp

from fivefold.plan.statement import Statement, Template
from fivefold.stores.sqlite.names import render_template
from fivefold.stores.sqlite.render.tables import HANDLERS
from fivefold.stores.sqlite.render.writer import Writer


def render(statement: Statement) -> str:
    """Return the SQLite text of a statement. Raises Unsupported for what SQLite cannot say."""
    source = statement.source
    if isinstance(source, Template):
        return render_template(source)
    return Writer(HANDLERS, target=statement.target).sql(source)


def render_expression(node: exp.Expression) -> str:
    """Return the SQLite text of one bound expression over a table's own columns.

    It holds deterministic functions only, as indexes and generated columns need, and plain
    column names.
    """
    return Writer(HANDLERS, pure=True).sql(node)
