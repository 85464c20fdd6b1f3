"""The kit over ``db.cypher``: one test for each of its features."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fivefold.api.database import open_database
from tests.conftest import empty_store
from tests.tck.kit import features
from tests.tck.running import failures_of, listed
from tests.tck.stored import Stored

if not features():
    pytest.skip(
        "the openCypher kit is not here; FIVEFOLD_TCK names its folder", allow_module_level=True
    )


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    path: Path = tmp_path_factory.mktemp("tck") / "kit.db"
    with empty_store(str(path)) as where, open_database(where, durability="off") as database:
        backend = Stored(database)
        yield backend
        backend.clear()


@pytest.mark.parametrize("feature", features())
def test_feature(feature: str, stored: Stored) -> None:
    failures = failures_of(features()[feature], stored)
    assert not failures, listed(failures)
