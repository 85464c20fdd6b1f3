"""docs/differences.md names the cases here, and each of them."""

from __future__ import annotations

import re
from pathlib import Path

from tests.differences import test_neo4j, test_postgres, test_redis

PAGE = Path(__file__).parents[2] / "docs/differences.md"


def test_every_case_is_on_the_page() -> None:
    entries = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    named = [
        number
        for entry in entries
        for number in re.findall(r"::test_differs\[([^\]]+)\]", entry)
        if entry.startswith(f"{number} ")
    ]
    cases = [*test_neo4j.CASES, *test_postgres.CASES, *test_redis.CASES]
    assert sorted(named) == sorted(cases)
