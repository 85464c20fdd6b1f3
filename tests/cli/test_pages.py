"""The pages for newcomers: their code runs, and they name only what exists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from fivefold.cli.main import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PROGRAM: Any = get_command(app)


def test_the_embedded_pages_code_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs/embedded.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, "docs/embedded.md", "exec"), names)
    assert len(blocks) >= 5
    assert names["db"].sql("SELECT n FROM stock").fetchall() == [(4,)]
    names["db"].close()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_verbs_options_and_links_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    verbs = set(re.findall(r"(?:^ {4}|`|\$ )fivefold ([a-z]+)\b", text, re.MULTILINE))
    assert verbs <= set(PROGRAM.commands)
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_option_is_on_the_page_of_the_command_line() -> None:
    text = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    options = [
        option
        for command in PROGRAM.commands.values()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--")
    ]
    assert "--port-offset" in options
    assert [option for option in options if f"`{option}" not in text] == []
