"""Every query of the openCypher kit parses, or is refused as the kit wants it."""

from __future__ import annotations

import pytest

from fivefold.errors import FivefoldError
from fivefold.languages.cypher.parse import parse
from tests.tck import kit

OURS = frozenset(
    {"UnexpectedSyntax", "InvalidNumberLiteral", "IntegerOverflow", "FloatingPointOverflow"}
    | {"InvalidUnicodeLiteral", "InvalidUnicodeCharacter", "InvalidRelationshipPattern"}
    | {"InvalidParameterUse"}
)
"""Details that the parser itself finds; others need to know what names mean."""


@pytest.mark.skipif(kit.folder() is None, reason="the openCypher kit is not there")
def test_the_kit() -> None:
    wrong = []
    for feature in kit.features().values():
        for scenario in feature:
            steps = [step.words for step in scenario.steps]
            raised = next((one for one in steps if "should be raised" in one), "")
            wanted = raised.rsplit(" ", 1)[-1]
            for step in scenario.steps:
                if step.text is None or "quer" not in step.words:
                    continue
                main = step.words.startswith("executing query")
                found = detail(step.text)
                if found != (wanted if main and wanted in OURS else None) and not (
                    main and wanted and found == wanted
                ):
                    wrong.append((scenario.title, wanted, found))
    assert wrong == []


def detail(text: str) -> object:
    try:
        parse(text)
    except FivefoldError as refused:
        return refused.facts.get("detail", refused.message)
    return None
