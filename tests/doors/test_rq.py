"""RQ: a hundred jobs through us: plain ones, failing ones, and those that wait for something."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from rq import Queue, Retry
from rq.job import Job, JobStatus
from rq.registry import FailedJobRegistry, FinishedJobRegistry, ScheduledJobRegistry

import fivefold
from tests.doors.queues import rq_jobs

ROOT = Path(__file__).parents[2]
SECONDS_MAX = 60.0


@pytest.fixture
def url(store_url: str) -> Iterator[str]:
    with fivefold.serving(store_url, only=["redis"], durability="normal") as server:
        yield server.urls["redis"]


def work(url: str, *options: str) -> None:
    """Have a worker in a process of its own take what there is."""
    command = [sys.executable, "-m", "rq.cli", "worker", "jobs", "--url", url, "--burst"]
    ran = subprocess.run(
        [*command, *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_hundred_jobs(url: str) -> None:
    with redis.Redis.from_url(url) as client:
        queue = Queue("jobs", connection=client)
        plain = [queue.enqueue(rq_jobs.add, number, 1) for number in range(60)]
        many = queue.enqueue_many(
            [Queue.prepare_data(rq_jobs.add, (number, 2)) for number in range(20)]
        )
        failed = [queue.enqueue(rq_jobs.fail, f"no {number}") for number in range(5)]
        retried = [
            queue.enqueue(rq_jobs.third_time, f"key {number}", retry=Retry(max=3))
            for number in range(5)
        ]
        first = queue.enqueue(rq_jobs.add, 1, 1)
        after = [queue.enqueue(rq_jobs.add, number, 3, depends_on=first) for number in range(5)]
        urgent = queue.enqueue(rq_jobs.add, 7, 7, at_front=True, job_id="urgent", result_ttl=60)
        scheduled = queue.enqueue_in(timedelta(seconds=-1), rq_jobs.add, 4, 4)
        later = queue.enqueue_in(timedelta(hours=1), rq_jobs.add, 5, 5)
        canceled = queue.enqueue(rq_jobs.add, 9, 9)
        canceled.cancel()
        assert queue.get_job_position("urgent") == 0

        work(url, "--with-scheduler", "--worker-class", "rq.worker.SimpleWorker")
        work(url)

        for number, job in enumerate(plain):
            assert job.return_value() == number + 1
        assert [job.return_value() for job in many] == [number + 2 for number in range(20)]
        assert [job.return_value() for job in after] == [number + 3 for number in range(5)]
        assert [job.return_value() for job in retried] == [3] * 5
        assert (urgent.return_value(), scheduled.return_value()) == (14, 8)
        assert {job.id for job in failed} <= set(FailedJobRegistry(queue=queue).get_job_ids())
        for number, job in enumerate(failed):
            result = job.latest_result()
            assert result is not None
            assert f"ValueError: no {number}" in str(result.exc_string)
        assert ScheduledJobRegistry(queue=queue).get_job_ids() == [later.id]
        assert Job.fetch(canceled.id, connection=client).get_status() == JobStatus.CANCELED
        assert len(FinishedJobRegistry(queue=queue)) == 93
        assert queue.count == 0

        FailedJobRegistry(queue=queue).requeue(failed[0].id)
        assert queue.job_ids == [failed[0].id]
        assert 0 < client.ttl("rq:job:urgent") <= 60
        queue.empty()
        assert queue.count == 0
