"""ARCHITECTURE.md names only what exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
# `a/b.py`, `stores/`, `wire/<protocol>/machine.py`, `engine/session.py::Session.execute`
_PATH = re.compile(r"`([\w.<>*-]*(?:/[\w.<>*-]*|\.(?:py|md|toml)))+(?:::([\w.]+))?`")


def missing(page: str) -> list[str]:
    """The paths (from the root or from src/fivefold) and names in backticks that are not there."""
    found = []
    for match in _PATH.finditer(page):
        path, _, name = match[0].strip("`").partition("::")
        pattern = re.sub(r"<[^>]*>", "*", path).strip("/")
        files = [at for base in (ROOT, ROOT / "src/fivefold") for at in base.glob(pattern)]
        word = re.escape(name.rpartition(".")[2])
        defined = re.compile(rf"^\s*(?:(?:async )?def|class) {word}\b|^{word}\b", re.MULTILINE)
        if not files or (name and not any(defined.search(f.read_text("utf-8")) for f in files)):
            found.append(match[0])
    return found


def test_every_path_of_architecture_exists() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert not missing(page), "ARCHITECTURE.md names what is not there"


def test_what_is_missing_is_seen() -> None:
    page = """`errors.py` `src/fivefold/errors.py::Conflict` `tests/` `src/<room>/errors.py`
    `SELECT 1` `a b/c` `postgresql://host/db` `no/such` `tests/none.py` `errors.py::Absent`"""
    assert missing(page) == ["`no/such`", "`tests/none.py`", "`errors.py::Absent`"]
