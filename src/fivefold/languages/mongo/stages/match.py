"""$match."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fivefold.languages.mongo.expressions.terms import Scope
from fivefold.languages.mongo.match.evaluate import matcher
from fivefold.languages.mongo.match.parse import parse_filter
from fivefold.languages.mongo.match.tree import Node
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document

from .base import Site, Stages
from .context import Context


@dataclass(frozen=True, slots=True)
class Match:
    """$match: the filter as it was sent and its tree, which alone counts."""

    filter: Document
    node: Node

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        return filter(matcher(self.node, context.variables), documents)


def match_of(value: Document, site: Site) -> Match:
    return Match(value, parse_filter(value, tuple(sorted(site.scope.names - Scope().names))))


def parse_match(value: Any, site: Site) -> Stages:
    if not isinstance(value, dict):
        raise fault(15959, "the match filter must be an expression in an object")
    return (match_of(value, site),)
