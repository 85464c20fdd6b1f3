"""The kit over Bolt: one test for each of its features, all over one server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import fivefold
from fivefold.languages.cypher.planning import PROCEDURES
from tests.tck.bolt import Bolt
from tests.tck.kit import features
from tests.tck.running import failures_of

if not features():
    pytest.skip(
        "the openCypher kit is not here; FIVEFOLD_TCK names its folder", allow_module_level=True
    )


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bolt]:
    store: Path = tmp_path_factory.mktemp("kit") / "kit.db"
    with fivefold.serving(store, only=["neo4j"], durability="off") as server:
        bolt = Bolt(server, PROCEDURES)
        yield bolt
        bolt.clear()
        bolt.close()


@pytest.mark.parametrize("feature", features())
def test_feature(feature: str, backend: Bolt) -> None:
    failures = failures_of(features()[feature], backend)
    assert not failures, f"{len(failures)} of {len(features()[feature])}:\n" + "\n".join(
        f"{title}: {reason}" for title, reason in failures.items()
    )
