"""Engines over a store of the test's own, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from fivefold.engine.clock import DrivenClock
from fivefold.engine.engine import Engine
from fivefold.engine.session import Session
from fivefold.engine.sql import SqlSession
from fivefold.stores.contract import Durability
from fivefold.stores.open import open_store

Connect = Callable[[], SqlSession]


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    """An engine over an empty store."""
    made = Engine(open_store(store_url, Durability.OFF), DrivenClock())
    yield made
    made.close()


@pytest.fixture
def connect(engine: Engine) -> Iterator[Connect]:
    """Makes SQL sessions over the engine, and closes them."""
    made: list[SqlSession] = []

    def one() -> SqlSession:
        made.append(SqlSession(Session(engine)))
        return made[-1]

    yield one
    for session in made:
        session.close()


@pytest.fixture
def other_process(engine: Engine, store_url: str) -> Iterator[SqlSession]:
    """A session of another engine over the same store, as another process would have."""
    other = Engine(open_store(store_url, Durability.OFF))
    session = SqlSession(Session(other))
    yield session
    session.close()
    other.close()
