"""Celery: a worker takes a hundred jobs from us and leaves its results with us."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

import fivefold
from tests import servers

ROOT = Path(__file__).parents[2]
SECONDS_MAX = 60.0


@pytest.fixture
def url(store_url: str) -> Iterator[str]:
    with fivefold.serving(store_url, only=["redis"], durability="normal") as server:
        yield server.urls["redis"]


@pytest.fixture
def app(url: str) -> Iterator[Any]:
    """The application, over our server, with a worker in a process of its own."""
    from tests.doors.queues.celery_jobs import app

    app.conf.update(broker_url=url, result_backend=url)
    command = [sys.executable, "-m", "celery", "-A", "tests.doors.queues.celery_jobs", "worker"]
    command += ["--pool", "threads", "-c", "4", "-l", "warning", "-n", "one@here"]
    worker = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "FIVEFOLD_QUEUE_URL": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield app
    servers.stop(worker)
    app.close()


def test_a_hundred_jobs(app: Any, url: str) -> None:
    from celery import chain, chord, group

    from tests.doors.queues.celery_jobs import add, fail, tell, third_time, total

    many = group(add.s(number, 1) for number in range(50)).apply_async()
    summed = chord((add.s(number, number) for number in range(20)), total.s()).apply_async()
    chained = chain(add.s(1, 2), add.s(3), add.s(4)).apply_async()
    retried = [third_time.delay(number) for number in range(6)]
    later = [add.apply_async((number, 10), countdown=0.5) for number in range(6)]
    urgent = [add.apply_async((number, 20), priority=5) for number in range(6)]
    failed = [fail.delay(f"no {number}") for number in range(4)]
    telling = [tell.delay(number / 4) for number in range(4)]

    assert many.get(timeout=SECONDS_MAX) == [number + 1 for number in range(50)]
    assert summed.get(timeout=SECONDS_MAX) == 2 * sum(range(20))
    assert chained.get(timeout=SECONDS_MAX) == 10
    assert [each.get(timeout=SECONDS_MAX) for each in retried] == [[n, 2] for n in range(6)]
    assert [each.get(timeout=SECONDS_MAX) for each in later] == [n + 10 for n in range(6)]
    assert [each.get(timeout=SECONDS_MAX) for each in urgent] == [n + 20 for n in range(6)]
    assert [each.get(timeout=SECONDS_MAX) for each in telling] == [
        f"told {n / 4}" for n in range(4)
    ]
    for number, each in enumerate(failed):
        with pytest.raises(ValueError, match=f"no {number}"):
            each.get(timeout=SECONDS_MAX)
        assert each.state == "FAILURE"
    assert app.control.ping(timeout=5.0, limit=1) == [{"one@here": {"ok": "pong"}}]
    stats = app.control.inspect(timeout=5.0, limit=1).stats()
    counts = stats["one@here"]["total"]
    assert sum(counts.values()) == 50 + 21 + 3 + 18 + 6 + 6 + 4 + 4
    with redis.Redis.from_url(url) as client:
        assert client.llen("jobs") == 0
        assert 0 < client.ttl(f"celery-task-meta-{chained.id}") <= 600
    for each in (many, summed, chained):
        each.forget()
