"""Fixtures every room may ask for.

- ``redis_server``, ``postgres_server``: real peers, one of each for the whole run. Where the
  program is not installed the tests that ask for it are skipped, and pytest's summary counts
  them with the reason; under CI=true they fail instead.
- ``postgres_url``: a database of the test's own in that PostgreSQL.
- ``store_url``: where a test may open a store. A file of the test's own; or, with
  FIVEFOLD_TEST_STORE=postgresql://… in the environment, a database of its own there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import servers

# The same examples everywhere, and none that fails because the machine was slow just then.
settings.register_profile(
    "tests",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tests")

# SQLAlchemy's suite brings a pytest plugin of its own: it runs in a process of its own.
collect_ignore = ["doors/compliance"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-scripts",
        action="store_true",
        help="write what tests/scripts put out now into them; read the diff before committing",
    )


def start_or_skip(peer: AbstractContextManager[servers.Server]) -> Iterator[servers.Server]:
    """Yield the running peer; skip the test where it is not installed, or fail it in CI."""
    try:
        server = peer.__enter__()
    except servers.Absent as absence:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{absence}, and CI must have it", pytrace=False)
        pytest.skip(str(absence))
    try:
        yield server
    finally:
        peer.__exit__(None, None, None)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[servers.Server]:
    """A redis-server that keeps nothing on disk."""
    yield from start_or_skip(servers.redis_server("--save", ""))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[servers.Server]:
    """A PostgreSQL that does not wait for the disk."""
    yield from start_or_skip(servers.postgres_server())


@pytest.fixture
def postgres_url(postgres_server: servers.Server) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of this test's own."""
    with servers.fresh_database(postgres_server.url) as url:
        yield url


@pytest.fixture
def store_url(tmp_path: Path) -> Iterator[str]:
    """Where this test may open an empty store: a path, or a PostgreSQL URL (see above)."""
    with empty_store(str(tmp_path / "store.db")) as url:
        yield url


@contextmanager
def empty_store(otherwise: str) -> Iterator[str]:
    """Where a fixture of any scope may open an empty store; ``otherwise``: a path for a file."""
    given = os.environ.get("FIVEFOLD_TEST_STORE", "")
    if not given:
        yield otherwise
        return
    if not given.startswith("postgresql://"):
        pytest.fail(f"FIVEFOLD_TEST_STORE={given} is not a postgresql:// URL", pytrace=False)
    with servers.fresh_database(given) as url:
        yield url
