"""Where the kit lies and what is in it.

FIVEFOLD_TCK names its folder; without it, ``shared/tck`` beside the repository or above.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from tests.tck.gherkin import Scenario, scenarios


def folder() -> Path | None:
    """Return the kit's folder; None where there is none."""
    named = os.environ.get("FIVEFOLD_TCK")
    if named is not None:
        return Path(named)
    above = (parent / "shared" / "tck" for parent in Path(__file__).resolve().parents)
    return next((path for path in above if path.is_dir()), None)


@cache
def features() -> dict[str, tuple[Scenario, ...]]:
    """Return the kit's scenarios by their feature: ``clauses/match/Match1`` and so on."""
    kit = folder()
    if kit is None:
        return {}
    found = {}
    for path in sorted((kit / "features").rglob("*.feature")):
        name = path.relative_to(kit / "features").with_suffix("").as_posix()
        read = scenarios(path.stem, path.read_text(encoding="utf-8"))
        found[name] = tuple(scenario for scenario in read if "@ignore" not in scenario.tags)
    return found


@cache
def named_graph(name: str) -> str:
    """Return the query that creates one of the kit's graphs."""
    kit = folder()
    assert kit is not None
    return (kit / "graphs" / name / f"{name}.cypher").read_text(encoding="utf-8")
