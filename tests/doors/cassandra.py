"""Sessions of cassandra-driver for the tests: with fivefold, and with a real Cassandra to compare.

FIVEFOLD_CASSANDRA_JUDGE=host:port names the real one. What is made there is dropped again.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, Session
from cassandra.policies import RoundRobinPolicy

JUDGE = os.environ.get("FIVEFOLD_CASSANDRA_JUDGE")
WAIT_SECONDS_MAX = 20.0


def cluster_of(port: int, host: str = "127.0.0.1", **options: Any) -> Cluster:
    """A cluster with the only node at a port, not yet connected."""
    profile = ExecutionProfile(RoundRobinPolicy(), request_timeout=30.0)
    profiles = {EXEC_PROFILE_DEFAULT: profile}
    return Cluster([host], port=port, execution_profiles=profiles, **options)


def judge() -> tuple[str, int]:
    """Where the real Cassandra is."""
    assert JUDGE is not None
    host, _, port = JUDGE.rpartition(":")
    return host, int(port)


def with_keyspace(name: str) -> str:
    """A statement that makes a keyspace."""
    return (
        f"CREATE KEYSPACE IF NOT EXISTS {name} WITH replication ="
        " {'class': 'SimpleStrategy', 'replication_factor': 1}"
    )


@contextmanager
def session_in(keyspace: str, port: int, host: str = "127.0.0.1", **more: Any) -> Iterator[Session]:
    """A session in a keyspace of its own, which is there as long as the session."""
    cluster = cluster_of(port, host, **more)
    try:
        session = cluster.connect()
        session.execute(f"DROP KEYSPACE IF EXISTS {keyspace}")
        session.execute(with_keyspace(keyspace))
        session.set_keyspace(keyspace)
        yield session
        session.execute(f"DROP KEYSPACE {keyspace}")
    finally:
        cluster.shutdown()


def until(holds: Callable[[], bool]) -> bool:
    """Whether it holds before long."""
    waited = threading.Event()
    for _ in range(int(WAIT_SECONDS_MAX * 20)):
        try:
            if holds():
                return True
        except KeyError:
            pass
        waited.wait(0.05)
    return False
