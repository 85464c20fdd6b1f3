"""A server over a store of the test's own, and its clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
import redis

import fivefold
from fivefold.api.serving import Serving

Connect = Callable[..., psycopg.Connection[Any]]
Dial = Callable[..., redis.Redis]


@pytest.fixture
def server(store_url: str) -> Iterator[Serving]:
    """Every protocol on free ports; nothing is synced, for the tests end before a power cut."""
    with fivefold.serving(store_url, durability="off") as serving:
        yield serving


@pytest.fixture
def connect(server: Serving) -> Iterator[Connect]:
    """Makes psycopg connections that commit by themselves unless told otherwise."""
    made: list[psycopg.Connection[Any]] = []

    def one(**options: Any) -> psycopg.Connection[Any]:
        options = {"autocommit": True, "connect_timeout": 20, **options}
        made.append(psycopg.connect(server.urls["postgres"], **options))
        return made[-1]

    yield one
    for connection in made:
        connection.close()


@pytest.fixture
def dial(server: Serving) -> Iterator[Dial]:
    """Makes redis-py clients, each with a connection of its own."""
    made: list[redis.Redis] = []

    def one(**options: Any) -> redis.Redis:
        client = redis.Redis(port=server.ports["redis"], single_connection_client=True, **options)
        made.append(client)
        return client

    yield one
    for client in made:
        client.close()
