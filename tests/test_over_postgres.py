"""The tests of other rooms once more, in a pytest of its own, over a database in PostgreSQL.

A part of them always; all that ask for ``store_url`` with FIVEFOLD_TEST_ALL_STORES in the
environment, as .ci/run has it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import servers
from tests.which import OVER_POSTGRES

ROOT = Path(__file__).parent.parent
SECONDS_MAX = 900
TOPICS = "enums or sequences or settings or writing_with or constraints or search_path"
MONGODB = [
    "tests/languages/mongo/store",
    "tests/api/documents/test_documents.py",
    "tests/serve/test_mongodb.py",
    "tests/doors/test_pymongo.py",
    "tests/doors/test_pymongo_documents.py",
]
CYPHER = [
    "tests/languages/cypher/stored/test_queries.py",
    "tests/languages/cypher/matching/test_random_rows.py",
    "tests/languages/cypher/schema",
    "tests/api/graph",
]
CQL = ["tests/engine/test_cql_writers.py", "tests/api/cql"]
PART: dict[str, list[str]] = {
    "answers": ["tests/languages/sql/test_answers.py", "-k", TOPICS],
    "scripts": ["tests/test_scripts.py", "-k", "postgres"],
    "mongodb": MONGODB[:2],
    "cql": CQL,
    "cypher": CYPHER,
}
WHOLE: dict[str, list[str]] = {
    "answers": [
        f"tests/languages/sql/test_{each}.py" for each in ("answers", "wider", "changes", "random")
    ],
    "scripts": ["tests/test_scripts.py"],
    "sessions": ["tests/engine", "tests/api"],
    "doors": ["tests/doors"],
    "server": ["tests/serve"],
    "tools": ["tests/tools"],
    "redis": ["tests/languages/redis", "tests/models/keyvalue"],
    "mongodb": MONGODB,
    "cql": ["tests/languages/cql"],
    "cypher": ["tests/languages/cypher", "tests/tck/test_stored.py"],
}
RUNS = WHOLE if os.environ.get("FIVEFOLD_TEST_ALL_STORES") else PART


@pytest.mark.skipif(OVER_POSTGRES, reason="this run is one of them")
@pytest.mark.parametrize("words", RUNS.values(), ids=RUNS)
def test_the_same_tests_pass(words: list[str], postgres_server: servers.Server) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", *words],
        cwd=ROOT,
        env={**os.environ, "FIVEFOLD_TEST_STORE": postgres_server.url},
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
    )
    assert ran.returncode == 0, failure(ran.stdout, ran.stderr)


def failure(said: str, errors: str) -> str:
    """What pytest said, with the names of the tests that failed in front."""
    failed = [line for line in said.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return "\n".join([*failed, "", said, errors])
