"""The walls between the rooms: every import in src/fivefold is read, and climbers are named.

An import inside a function or under TYPE_CHECKING counts as well: it is knowledge all the same.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"

# Lowest first: a room may import itself and those before it. "fivefold" is the public API.
ORDER = (
    *("errors", "values", "catalog", "plan", "models", "security", "stores", "languages"),
    *("engine", "serve", "api", "fivefold", "upkeep", "backup", "tune", "design"),
    *("studio", "cli", "pytest_plugin"),
)
# These see less than their place allows: bytes only, or the public API only.
ONLY = {
    "wire": {"errors", "values"},
    "studio": {"errors", "serve", "api", "fivefold"},
    "cli": {"errors", "serve", "api", "fivefold", "upkeep", "design"},
    "pytest_plugin": {"fivefold"},
}
SEES = {room: {*ORDER[:place]} for place, room in enumerate(ORDER)} | ONLY
SEES["serve"] |= {"wire"}

# What comes from outside, and the folders or modules that may know of it.
OUTSIDE = {
    "apsw": ("stores/sqlite",),
    "psycopg": ("stores/postgres", "cli/demo"),
    "psycopg_pool": ("stores/postgres",),
    "asyncio": ("serve",),
    "uvloop": ("serve",),
    "bson": (
        *("values/documents", "models/document", "languages/mongo", "wire/mongodb"),
        *("engine", "serve", "api", "cli/mongo"),
    ),
    "pymongo": ("api",),
}


def imported(path: Path, source: str) -> Iterator[tuple[int, str]]:
    """(line, absolute dotted name) of all that the module at ``path`` under src imports."""
    package = path.parent.parts
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def room_of(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in SEES else parts[0]


def climbers(path: Path, source: str) -> list[str]:
    """What the module at ``path`` under src imports from rooms or packages it may not see."""
    inside = path.relative_to("fivefold").with_suffix("").as_posix()
    room = "fivefold" if inside == "__init__" else inside.split("/")[0]
    found = [f"{path}: no such room as {room}; name it in {Path(__file__).name}"]
    if room not in SEES:
        return found
    found.clear()
    for line, name in imported(path, source):
        allowed = OUTSIDE.get(name.split(".")[0])
        if name.split(".")[0] == "fivefold":
            # The version is a word, not a door: anybody may say it.
            ok = name == "fivefold.__version__" or room_of(name) in SEES[room] | {room}
        else:
            ok = allowed is None or any(f"{inside}/".startswith(f"{at}/") for at in allowed)
        if not ok:
            found.append(f"{path}:{line}: {room} may not import {name}")
    return found


def test_imports_go_down_only() -> None:
    found = [
        climber
        for path in sorted(SOURCE.rglob("*.py"))
        for climber in climbers(path.relative_to(SOURCE), path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("path", "source", "is_ok"),
    [
        ("values/kinds.py", "from fivefold.errors import InvalidValue", True),
        ("errors.py", "import fivefold.values", False),
        ("plan/build.py", "from fivefold.plan import tree", True),
        ("plan/build.py", "from .. import engine", False),
        ("plan/build.py", "from ..catalog import Table", True),
        ("plan/build.py", "from . import tree", True),
        ("models/a/b.py", "from ...catalog import Table", True),
        ("models/a/b.py", "from ...stores import open", False),
        ("stores/sqlite/run.py", "import apsw", True),
        ("stores/contract.py", "import apsw", False),
        ("stores/postgres/run.py", "import psycopg_pool", True),
        ("stores/sqlite/run.py", "from psycopg import sql", False),
        ("cli/demo.py", "import psycopg", True),
        ("cli/demo/flights.py", "import psycopg", True),
        ("cli/demonstrate.py", "import psycopg", False),
        ("cli/main.py", "import fivefold", True),
        ("cli/main.py", "from fivefold import engine", False),
        ("cli/main.py", "def f():\n    from fivefold.serve import serve", True),
        ("engine/session.py", "import asyncio", False),
        ("engine/session.py", "def f():\n    import asyncio.events", False),
        ("engine/session.py", "if TYPE_CHECKING:\n    from fivefold.serve import run", False),
        ("engine/session.py", "import fivefold", False),
        ("engine/session.py", "from fivefold import __version__", True),
        ("stores/postgres/store.py", "import psycopg", True),
        ("wire/postgres/decode.py", "import psycopg", False),
        ("wire/redis/machine.py", "from fivefold.catalog import Table", False),
        ("serve/join.py", "from fivefold.wire.redis import Machine", True),
        ("engine/session.py", "from fivefold.wire.redis import Machine", False),
        ("__init__.py", "def __getattr__(name):\n    from fivefold import api", True),
        ("__init__.py", "from .cli import main", False),
        ("pytest_plugin.py", "import fivefold", True),
        ("attic/things.py", "", False),
    ],
)
def test_climbers_are_seen(path: str, source: str, is_ok: bool) -> None:
    assert (climbers(Path("fivefold") / path, source) == []) is is_ok
