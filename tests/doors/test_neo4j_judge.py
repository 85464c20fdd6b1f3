"""The scripts of tests/scripts/neo4j said to a real Neo4j 5.26: what they record is what it says.

It is asked where FIVEFOLD_NEO4J_JUDGE=bolt://127.0.0.1:7687 names one without authentication, whose
data may go. fivefold is held against the same records always, by ``tests/test_scripts.py``.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.scripting import check
from tests.scripting_neo4j import Judge

FOLDER = Path(__file__).parent.parent / "scripts" / "neo4j"
SCRIPTS = sorted(path for path in FOLDER.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", [pytest.param(p, id=str(p.relative_to(FOLDER))) for p in SCRIPTS])
def test_neo4j_says_so(path: Path) -> None:
    judge = os.environ.get("FIVEFOLD_NEO4J_JUDGE", "")
    if not judge:
        pytest.skip("FIVEFOLD_NEO4J_JUDGE names no Neo4j to ask")
    port = urlsplit(judge).port
    assert port is not None, judge
    check(path, Judge(port), rewriting=False)
