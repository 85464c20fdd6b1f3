"""Beside Neo4j: each numbered difference is one still.

The other side is asked where FIVEFOLD_NEO4J_JUDGE names one (tests/doors/test_neo4j_judge.py);
elsewhere it is taken to answer what is recorded of it.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.differences.cases import Ask, read, wrong
from tests.scripting_neo4j import Client, Judge, NeoInterpreter, Refused

CASES = read(Path(__file__).with_name("neo4j.txt"))


def asking(client: Client) -> Ask:
    """Answers of one side, each in one line."""

    def ask(session: str, text: str) -> str:
        try:
            said = client.run(session, text, frozenset())
        except Refused as error:
            said = f"{error.code}: {error.message}"
        return said.replace("\n", " ")

    return ask


@pytest.mark.parametrize("number", CASES)
def test_differs(number: str, store_url: str) -> None:
    judge = os.environ.get("FIVEFOLD_NEO4J_JUDGE", "")
    ours = NeoInterpreter(store_url)
    theirs = Judge(urlsplit(judge).port or 7687) if judge else None
    recorded = {step.text: step.theirs.removesuffix("*") for step in CASES[number]}

    def remembered(session: str, text: str) -> str:
        return recorded[text] or asking(ours)(session, text)

    try:
        faults = wrong(CASES[number], asking(theirs) if theirs else remembered, asking(ours))
    finally:
        ours.close()
        if theirs is not None:
            theirs.close()
    assert not faults, "\n".join(faults)
