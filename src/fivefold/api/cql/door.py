"""A program's way to the language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from fivefold.api.cql.parameters import stored, with_markers
from fivefold.api.cql.result import Result
from fivefold.engine.cql import CqlSession
from fivefold.engine.session import Session
from fivefold.languages.cql.results import Options

Parameters = Sequence[Any] | Mapping[str, Any]


class RunCql(Protocol):
    """Runs a statement."""

    def __call__(
        self,
        text: str,
        parameters: Parameters = (),
        *,
        keyspace: str | None = None,
        page_size: int | None = None,
        paging_state: bytes | None = None,
    ) -> Result: ...


def door(session: Session) -> RunCql:
    """Return what runs a program's statements over a session."""
    client = CqlSession(session)

    def run(
        text: str,
        parameters: Parameters = (),
        *,
        keyspace: str | None = None,
        page_size: int | None = None,
        paging_state: bytes | None = None,
    ) -> Result:
        options = Options(page_size, paging_state)
        if not parameters:
            return Result(client.run(text, (), options, keyspace=keyspace))
        text = with_markers(text)
        prepared = client.prepare(text, keyspace)
        return Result(client.run(prepared, stored(prepared.parameters, parameters), options))

    return run
