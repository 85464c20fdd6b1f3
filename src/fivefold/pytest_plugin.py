"""The pytest fixture ``fivefold_server``: every protocol on free loopback ports, for one test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def fivefold_server(tmp_path: Path) -> Iterator[Any]:
    """A server over an empty store of its own; ``fivefold_server.urls["redis"]`` and so on.

    pytest loads this module in every test run of every project that has fivefold installed,
    so nothing of fivefold is imported before a test asks for the fixture.
    """
    import fivefold

    with fivefold.serving(tmp_path / "test.db") as server:
        yield server
