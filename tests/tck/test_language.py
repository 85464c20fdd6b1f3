"""The kit over the language alone: one test for each of its features."""

from __future__ import annotations

import pytest

from tests.tck.embedded import Embedded
from tests.tck.kit import features
from tests.tck.running import failures_of, listed

if not features():
    pytest.skip(
        "the openCypher kit is not here; FIVEFOLD_TCK names its folder", allow_module_level=True
    )


@pytest.mark.parametrize("feature", features())
def test_feature(feature: str) -> None:
    failures = failures_of(features()[feature], Embedded())
    assert not failures, listed(failures)
