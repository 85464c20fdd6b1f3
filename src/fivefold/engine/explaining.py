"""EXPLAIN: the store says how it runs a statement, or runs it and says how it went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fivefold.engine.commands import arguments
from fivefold.engine.plans import Plan
from fivefold.engine.results import Result
from fivefold.languages.sql import commands as c
from fivefold.plan.explain import Explanation, Format, Options, lines_of
from fivefold.plan.statement import Output
from fivefold.stores.contract import Connection
from fivefold.values.types import JSON, TEXT, Row, Stored

if TYPE_CHECKING:
    from fivefold.engine.sql import SqlSession


def outputs_of(options: Options) -> tuple[Output, ...]:
    """Return EXPLAIN's one column."""
    return (Output("QUERY PLAN", JSON if options.format is Format.JSON else TEXT),)


def explain(
    session: SqlSession, plan: Plan, command: c.Explain, values: Sequence[Stored]
) -> Result:
    """Explain a statement, and with ANALYZE run it."""
    if command.execute is not None:
        known = session.find_prepared(command.execute.name)
        values = arguments(session, known, command.execute)
        plan, literals = session.plan(command.prefix + known.text, known.types)
        values = (*values, *literals)
        assert isinstance(plan.command, c.Explain)
        command = plan.command
    if plan.writes and command.query is not None:
        session.check_writable(command.query.tag)
    prepared, options = plan.prepared[0], command.options

    def work(connection: Connection) -> Explanation:
        session.use(connection, prepared.statement)
        return connection.explain(prepared, values, options, session.session.snapshot.catalog)

    done = session.session.perform(session.limited(work), write=plan.writes, version=plan.version)
    rows: list[Row] = [(line,) for line in lines_of(done, options)]
    return Result(command.tag, outputs_of(options), rows, plan=plan)
