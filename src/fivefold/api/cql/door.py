"""A program's way to the language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from fivefold.api.cql.parameters import Loading, with_markers
from fivefold.api.cql.result import Result
from fivefold.engine.cache import Cache
from fivefold.engine.cql import CqlSession
from fivefold.engine.session import Session
from fivefold.languages.cql.results import NO_OPTIONS, Options

Parameters = Sequence[Any] | Mapping[str, Any]


LOADINGS_MAX = 1_000
"""Statements whose parameters' ways into the store are remembered."""


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
    known: Cache[str, Loading] = Cache(LOADINGS_MAX)

    def run(
        text: str,
        parameters: Parameters = (),
        *,
        keyspace: str | None = None,
        page_size: int | None = None,
        paging_state: bytes | None = None,
    ) -> Result:
        options = NO_OPTIONS if page_size is None else Options(page_size, paging_state)
        if not parameters:
            return Result(client.run(text, (), options, keyspace=keyspace))
        loading = known.get(text)
        marked = with_markers(text) if loading is None else loading.text
        specs = client.markers(marked, keyspace)
        if loading is None or loading.specs is not specs:
            loading = Loading(marked, specs)
            known.put(text, loading)
        given = loading.stored(parameters)
        return Result(client.run(marked, given, options, keyspace=keyspace))

    return run
