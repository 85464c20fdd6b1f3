"""A collection's validator: which documents it takes (manual, "Schema Validation")."""

from __future__ import annotations

from collections.abc import Callable

from fivefold.languages.mongo.collections import Opened
from fivefold.languages.mongo.match import matcher, parse_filter
from fivefold.languages.unit import Unit
from fivefold.values.documents.codec import from_json
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document


class Validator:
    """What a document has to match. ``moderate`` lets those be that did not before."""

    __slots__ = ("_matches", "_moderate", "given")

    def __init__(self, given: Document, *, moderate: bool) -> None:
        self.given = given
        self._moderate = moderate
        self._matches: Callable[[Document], bool] = matcher(parse_filter(given))

    @classmethod
    def of(cls, unit: Unit, opened: Opened) -> Validator | None:
        """Return that of a collection, None if it takes any document."""
        collection = opened.collection
        text = collection.validator
        if text is None or collection.level == "off" or collection.action == "warn":
            return None
        return unit.remember(
            ("validator", *opened.name),
            lambda: cls(from_json(text), moderate=collection.level == "moderate"),
        )

    def allows(self, document: Document) -> bool:
        """Say whether a document is valid."""
        return self._matches(document)

    def check(self, document: Document, before: Document | None = None) -> None:
        """Raise fault 121 for a document that is not valid."""
        if self._matches(document):
            return
        if self._moderate and before is not None and not self._matches(before):
            return
        from fivefold.languages.mongo.match.explain import explain_failure

        raise fault(
            121, "Document failed validation", errInfo=explain_failure(self.given, document)
        )
