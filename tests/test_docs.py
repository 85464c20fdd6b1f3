"""docs/differences.md: every difference has a number of its own and a test that exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
_ENTRY = re.compile(r"^## ([A-Z][A-Z0-9]*-\d+) \S.*$", re.MULTILINE)
_TEST = re.compile(r"^Test: `?(tests/[^\s`:]+)(?:::([^\s`\[]+))?\S*$", re.MULTILINE)


def faults(page: str) -> list[str]:
    """What is wrong with the page's entries, each with its number."""
    found = [
        f"{line}: a heading here is a number and a title: ## PG-1 Title"
        for line in re.findall(r"^## .*$", page, re.MULTILINE)
        if not _ENTRY.fullmatch(line)
    ]
    _, *entries = re.split(r"^(?=## )", page, flags=re.MULTILINE)
    seen: set[str] = set()
    for entry in entries:
        if not (match := _ENTRY.match(entry)):
            continue
        number = match[1]
        if number in seen:
            found.append(f"{number}: the number is taken")
        seen.add(number)
        tests = _TEST.findall(entry)
        if not tests:
            found.append(f"{number}: names no test")
        found += [f"{number}: no such test: {p}::{n}" for p, n in tests if not _exists(p, n)]
    return found


def _exists(path: str, name: str) -> bool:
    file = ROOT / path
    if not file.is_file():
        return False
    if not name:
        return path.startswith("tests/scripts/")
    function = re.escape(name.rpartition("::")[2])
    return bool(re.search(rf"^\s*def {function}\(", file.read_text("utf-8"), re.MULTILINE))


def test_every_difference_has_its_test() -> None:
    assert not faults((ROOT / "docs/differences.md").read_text(encoding="utf-8"))


HERE = "Test: tests/test_docs.py::test_faults_are_seen"


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (f"# Title\n\n## PG-1 One\nText.\n\n{HERE}\n\n## PG-2 Two\n{HERE}[case]\n", []),
        (f"## One\n{HERE}\n", ["## One: a heading here is a number and a title: ## PG-1 Title"]),
        ("## PG-1 One\nText.\n", ["PG-1: names no test"]),
        (f"## PG-1 One\n{HERE}\n## PG-1 Two\n{HERE}\n", ["PG-1: the number is taken"]),
        ("## PG-1 One\nTest: tests/a.py::test_b\n", ["PG-1: no such test: tests/a.py::test_b"]),
        (f"## R-1 One\n{HERE}_not\n", [f"R-1: no such test: {HERE[6:]}_not"]),
        ("## R-1 One\nTest: tests/test_docs.py\n", ["R-1: no such test: tests/test_docs.py::"]),
    ],
)
def test_faults_are_seen(page: str, says: list[str]) -> None:
    assert faults(page) == says


_EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def run_example(code: str, names: dict[str, Any]) -> int:
    """Run it; a value told behind a line must be that line's. Return how many were compared."""
    compared = 0
    lines = code.splitlines()
    for statement in ast.parse(code).body:
        told = lines[(statement.end_lineno or 0) - 1].partition("  # ")[2]
        if not isinstance(statement, ast.Expr):
            exec(compile(ast.Module([statement], []), "docs", "exec"), names)
            continue
        value = eval(compile(ast.Expression(statement.value), "docs", "eval"), names)
        if told[:1] in "[({b" or told.isdigit():
            assert not told or value == ast.literal_eval(told), lines[statement.lineno - 1]
            compared += bool(told)
    return compared


def needs_a_server(code: str) -> bool:
    return any(
        isinstance(each, ast.Import | ast.ImportFrom) and "fivefold" not in ast.unparse(each)
        for each in ast.parse(code).body
    )


def test_examples_of_redis_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs/redis.md").read_text(encoding="utf-8")
    examples = [code for code in _EXAMPLE.findall(page) if not needs_a_server(code)]
    names: dict[str, Any] = {}
    try:
        assert sum(run_example(code, names) for code in examples) >= 6
    finally:
        names["db"].close()


def test_examples_of_mongodb_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs/mongodb.md").read_text(encoding="utf-8")
    examples = [code for code in _EXAMPLE.findall(page) if not needs_a_server(code)]
    names: dict[str, Any] = {}
    try:
        assert sum(run_example(code, names) for code in examples) >= 6
    finally:
        names["db"].close()


def test_examples_of_neo4j_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs/neo4j.md").read_text(encoding="utf-8")
    _, embedded = page.split("## In a program", 1)
    examples = [code for code in _EXAMPLE.findall(embedded) if not needs_a_server(code)]
    names: dict[str, Any] = {}
    try:
        assert sum(run_example(code, names) for code in examples) >= 2
    finally:
        names["db"].close()
