"""Which store the tests run over (``store_url`` of tests/conftest.py), where that matters."""

from __future__ import annotations

import os

import pytest

OVER_POSTGRES = os.environ.get("FIVEFOLD_TEST_STORE", "").startswith("postgresql:")


def of_a_file(reason: str) -> pytest.MarkDecorator:
    """Mark a test that means something over the embedded store only; ``reason`` says why."""
    return pytest.mark.skipif(OVER_POSTGRES, reason=reason)


ONE_WRITER = of_a_file("PostgreSQL has many writers, who wait for each other at rows and tables")
