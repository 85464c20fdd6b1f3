"""What a server makes ready behind its first clients' backs."""

from __future__ import annotations

import subprocess
import sys

import fivefold
from fivefold.serve import warming


def test_every_statement_of_the_warming_works() -> None:
    with fivefold.open(":memory:") as db:
        for text in warming.STATEMENTS:
            db.sql(text)


def test_it_makes_what_statements_need() -> None:
    code = (
        "import sys; from fivefold.serve import warming; warming.begin(['postgres']).join();"
        " before = set(sys.modules); import fivefold; db = fivefold.open(':memory:');"
        " db.sql('CREATE TABLE a (id int PRIMARY KEY, b text)'); db.sql('SELECT b FROM a');"
        " print(sorted(m for m in set(sys.modules) - before if '.languages.' in m))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
