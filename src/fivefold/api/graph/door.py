"""A program's way to the language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fivefold.api.graph.result import Result
from fivefold.api.graph.values import parameters_of
from fivefold.engine.cypher import CypherSession
from fivefold.engine.session import Session

RunCypher = Callable[[str, Mapping[str, Any] | None, str | None, Mapping[str, Any]], Result]
"""Runs a query: text, parameters, database, more parameters."""


def door(session: Session) -> RunCypher:
    """Return what runs a program's queries over a session."""
    run_ = CypherSession(session).run

    def run(
        query: str,
        parameters: Mapping[str, Any] | None,
        database: str | None,
        more: Mapping[str, Any],
    ) -> Result:
        given = more if parameters is None else {**parameters, **more}
        return Result(run_(query, parameters_of(given), database, stream=False))

    return run
