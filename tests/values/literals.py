"""Reads literals.txt: the texts that all tests of input functions share."""

from __future__ import annotations

import json
from pathlib import Path


def read_literals() -> list[tuple[str, list[str]]]:
    """Return (type's name, its texts) in the file's order."""
    groups: list[tuple[list[str], list[str]]] = []
    for line in Path(__file__).with_name("literals.txt").read_text("utf-8").split("\n"):
        if line.startswith("== "):
            names = line.removeprefix("== ")
            groups.append((names.split(), []))
        elif line.startswith('"'):
            groups[-1][1].append(json.loads(line))
    return [(name, texts) for names, texts in groups for name in names]


LITERALS = read_literals()
