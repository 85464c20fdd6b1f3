"""Awake for the writer's next message: for a bounded time, and not in vain for long."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import psycopg
import pytest

from fivefold.api.serving import Serving
from fivefold.serve import spinning
from fivefold.serve.spinning import PASSES_MAX, SPIN_SECONDS, Spinner
from tests.serve.conftest import Connect
from tests.serve.raw import Talk, message
from tests.serve.test_waiting import clients, until, waiting
from tests.which import ONE_WRITER


class Watch:
    """A clock that moves on by a step whenever it is read."""

    def __init__(self, step: float) -> None:
        self.now = 0.0
        self.step = step
        self.reads = 0

    def __call__(self) -> float:
        self.reads += 1
        self.now += self.step
        return self.now


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spinning, "cores", lambda: 2)


def turn(loop: asyncio.AbstractEventLoop, times: int = 1) -> None:
    for _ in range(times):
        loop.call_soon(loop.stop)
        loop.run_forever()


def test_it_spins_for_its_time_and_then_sleeps(loop: asyncio.AbstractEventLoop) -> None:
    watch = Watch(SPIN_SECONDS / 10)
    spinner = Spinner(loop, watch)
    spinner.wait_for("client")
    turn(loop, 5)
    assert spinner.client == "client"
    turn(loop, 10)
    assert spinner.client is None
    reads = watch.reads
    assert reads <= 12
    turn(loop, 5)
    assert watch.reads == reads  # nothing is left on the loop


def test_it_sleeps_once_the_message_has_come(loop: asyncio.AbstractEventLoop) -> None:
    watch = Watch(SPIN_SECONDS / 10)
    spinner = Spinner(loop, watch)
    spinner.wait_for("client")
    turn(loop)
    spinner.came()
    assert spinner.client is None
    turn(loop)
    reads = watch.reads
    turn(loop, 5)
    assert watch.reads == reads
    spinner.wait_for("client")  # and is ready for the next
    assert spinner.client == "client"


def test_time_spent_in_vain_is_spent_ever_more_rarely(loop: asyncio.AbstractEventLoop) -> None:
    watch = Watch(SPIN_SECONDS)
    spinner = Spinner(loop, watch)
    spun = []
    for answer in range(4 * PASSES_MAX):
        spinner.wait_for("client")
        if spinner.client is not None:
            spun.append(answer)
        turn(loop, 2)
        assert spinner.client is None
    gaps = [after - before for before, after in pairwise(spun)]
    assert gaps == [2, 3, 5, 9, 17, 33, 65, 129, 257, 513, PASSES_MAX + 1, PASSES_MAX + 1]
    while spinner.client is None:
        spinner.wait_for("client")
    spinner.came()
    turn(loop)
    spinner.wait_for("client")
    assert spinner.client == "client"


def test_with_one_core_it_never_spins(
    loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spinning, "cores", lambda: 1)
    spinner = Spinner(loop, Watch(SPIN_SECONDS))
    spinner.wait_for("client")
    assert spinner.client is None


@ONE_WRITER
def test_a_server_spins_only_while_somebody_waits_for_the_writer(
    server: Serving, connect: Connect
) -> None:
    db: psycopg.Connection[Any] = connect()
    db.execute("CREATE TABLE t (a integer PRIMARY KEY)")
    with Talk(server.ports["postgres"]) as holder, Talk(server.ports["postgres"]) as other:
        (spinner,) = {client._spinner for client in clients(server)}
        waited: list[object] = []
        spin = spinner.wait_for

        def counted(client: object) -> None:
            waited.append(client)
            spin(client)

        spinner.wait_for = counted  # type: ignore[method-assign]
        holder.query("BEGIN")
        holder.query("INSERT INTO t VALUES (1)")
        assert not waited
        other.query("BEGIN")
        other.socket.sendall(message("Q", "INSERT INTO t VALUES (2)"))
        until(waiting(server))
        holder.query("SELECT 1")
        assert len(waited) == 1
        until(lambda: spinner.client is None)  # the holder is silent: the loop goes to sleep
        holder.query("COMMIT")
        other.until("Z")
        other.query("COMMIT")
        assert len(waited) == 1
    assert db.execute("SELECT count(*) FROM t").fetchone() == (2,)
