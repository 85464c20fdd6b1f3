"""Every script of tests/scripts, each over a store of its own (the format: tests/scripting.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scripting import Factory, check
from tests.scripting_cassandra import CassandraInterpreter
from tests.scripting_mongodb import MongoInterpreter
from tests.scripting_neo4j import NeoInterpreter
from tests.scripting_postgres import PostgresInterpreter
from tests.scripting_redis import RedisInterpreter

FOLDER = Path(__file__).parent / "scripts"

# A folder of tests/scripts, and what runs its statements. A new language is a line here.
LANGUAGES: dict[str, Factory] = {
    "cassandra": CassandraInterpreter,
    "mongodb": MongoInterpreter,
    "neo4j": NeoInterpreter,
    "postgres": PostgresInterpreter,
    "redis": RedisInterpreter,
}

SCRIPTS = sorted(path for path in FOLDER.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", [pytest.param(p, id=str(p.relative_to(FOLDER))) for p in SCRIPTS])
def test_script(path: Path, store_url: str, pytestconfig: pytest.Config) -> None:
    language, *topic_and_case = path.relative_to(FOLDER).parts
    assert len(topic_and_case) == 2, "scripts lie at tests/scripts/<language>/<topic>/<case>"
    over = "of-a-server" if store_url.startswith("postgresql:") else "of-a-file"
    if topic_and_case[0].startswith("of-a-") and topic_and_case[0] != over:
        pytest.skip("one writer or many, the store's own words: this one is of the other store")
    assert language in LANGUAGES, f"no interpreter for {language} in tests/test_scripts.py"
    check(path, LANGUAGES[language](store_url), pytestconfig.getoption("--rewrite-scripts"))
