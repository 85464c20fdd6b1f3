"""What every stage is, and what its parser is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from fivefold.languages.mongo.expressions.terms import Scope
from fivefold.values.documents.kinds import Document

from .context import Context


class Stage(Protocol):
    """A parsed stage: frozen, its parts readable, run any number of times."""

    def run(self, documents: Iterator[Document], context: Context, /) -> Iterator[Document]: ...


Stages = tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """Where a stage stands: its database, the variables in reach, the stage that holds its
    pipeline.
    """

    namespace: str
    scope: Scope
    parse: Callable[[Any, Site], Stages]
    inside: str = ""

    def pipeline(self, value: Any, inside: str, *names: str) -> Stages:
        """Return a pipeline inside a stage, in which variables of these names are known too."""
        scope = self.scope.having(*names) if names else self.scope
        return self.parse(value, replace(self, inside=inside, scope=scope))


@dataclass(frozen=True, slots=True)
class StageKind:
    """A row of the table of stages.

    ``first`` stages read nothing and can only begin a pipeline, ``last`` ones only end it;
    ``barred`` names the stages inside whose pipelines this one cannot be.
    """

    parse: Callable[[Any, Site], Stages]
    first: bool = False
    last: bool = False
    barred: frozenset[str] = frozenset()
