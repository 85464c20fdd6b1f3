"""One person's line to the column families: what a shell needs beyond ``db.cql``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from fivefold.api.cql.result import Result
from fivefold.engine.cql import CqlSession
from fivefold.engine.session import Session
from fivefold.languages.cql.results import Rows
from fivefold.values.cql.codec import Codec
from fivefold.values.cql.codecs import codec_of

if TYPE_CHECKING:
    from fivefold.api.database import Database
    from fivefold.languages.cql.results import Result as Answer


class Page(NamedTuple):
    """Rows as texts under their names; ``texts`` says which columns hold texts.

    ``paging_state`` leads to the next page.
    """

    names: Sequence[str]
    texts: Sequence[bool]
    rows: Sequence[Sequence[str | None]]
    paging_state: bytes | None


class Client:
    """Runs statements. ``interrupt`` fits any thread."""

    def __init__(self, database: Database) -> None:
        self._session = CqlSession(Session(database.engine, user=database.user))
        self.interrupt = self._session.interrupt
        self.close = self._session.close

    @property
    def keyspace(self) -> str | None:
        """Return the keyspace that USE named."""
        return self._session.keyspace

    def run(self, text: str) -> tuple[Result, Page | None]:
        """Run a statement; return what a program would get, and its rows as texts if it has any.

        Raises FivefoldError.
        """
        answer = self._session.run(text)
        return Result(answer), _page(answer)


_TEXTS = frozenset({"ascii", "text"})
_UNQUOTED = frozenset({"date", "inet", "time", "timestamp"})
"""Types whose constants are texts in CQL, but are shown without their quotes."""


def _page(answer: Answer) -> Page | None:
    if not isinstance(answer, Rows):
        return None
    texts = [column.type.name in _TEXTS for column in answer.columns]
    show = [_shown(column.type.name, codec_of(column.type)) for column in answer.columns]
    rows = [
        [None if value is None else shown(value) for value, shown in zip(row, show, strict=True)]
        for row in answer.rows
    ]
    return Page([column.name for column in answer.columns], texts, rows, answer.paging)


def _shown(name: str, codec: Codec) -> Callable[[Any], str]:
    """Return what makes a text of a value of a type."""
    if name in _TEXTS:
        return str
    literal = codec.to_literal
    return (lambda value: literal(value).strip("'")) if name in _UNQUOTED else literal
