"""What a program's first answer does not wait for: imports cost more than all else it does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

UNNEEDED = {
    "asyncio",
    "fivefold.languages.sql.definitions",
    "fivefold.languages.sql.schema",
    "fivefold.stores.sqlite.functions.registry",
    "fivefold.values.datetimes",
    "prompt_toolkit",
    "psycopg",
    "sqlglot",
    "tempfile",
    "uvloop",
}


@pytest.mark.parametrize(
    "statement",
    ["'SELECT 1'", "'SELECT n FROM t WHERE id = %s', [1]", "'INSERT INTO t VALUES (%s, 1)', [5]"],
)
def test_the_first_answer_imports_little(tmp_path: Path, statement: str) -> None:
    for said in ("'CREATE TABLE t (id int PRIMARY KEY, n int)'", statement):
        code = (
            f"import sys, fivefold; db = fivefold.open(sys.argv[1]); db.sql({said}); "
            f"print(*{UNNEEDED} & set(sys.modules)); db.close()"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "first.db")],
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout.split() == []
