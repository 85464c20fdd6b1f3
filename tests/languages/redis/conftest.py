"""A rig, and one beside a redis-server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import empty_store
from tests.languages.redis.beside import Peer
from tests.languages.redis.rig import Client, Rig
from tests.servers import Server


@pytest.fixture
def rig() -> Iterator[Rig]:
    """An empty store of this test's own."""
    with empty_store(":memory:") as url:
        made = Rig(url)
        yield made
        made.close()


@pytest.fixture
def client(rig: Rig) -> Client:
    """The first client of an empty store."""
    return rig.client()


@pytest.fixture(scope="module")
def shared_rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A store with two clients for many small examples; each begins with FLUSHALL."""
    path: Path = tmp_path_factory.mktemp("redis") / "store.db"
    with empty_store(str(path)) as url:
        made = Rig(url)
        made.client(), made.client()
        yield made
        made.close()


@pytest.fixture(scope="module")
def peers(redis_server: Server) -> Iterator[list[Peer]]:
    """Two clients of a redis-server."""
    made = [Peer(redis_server), Peer(redis_server)]
    yield made
    for peer in made:
        peer.close()
