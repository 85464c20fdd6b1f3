"""A Celery application whose broker and result store the environment names."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery

URL = os.environ.get("FIVEFOLD_QUEUE_URL", "redis://127.0.0.1:6379/0")

app = Celery("jobs", broker=URL, backend=URL)
app.conf.update(
    task_default_queue="jobs",
    task_acks_late=True,
    worker_prefetch_multiplier=2,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 60, "priority_steps": [0, 5]},
    result_expires=600,
    timezone="UTC",
)


@app.task
def add(x: int, y: int) -> int:
    return x + y


@app.task
def total(numbers: list[int]) -> int:
    return sum(numbers)


@app.task(bind=True, max_retries=3)
def third_time(self: Any, number: int) -> list[int]:
    """Fail twice, then give the number of tries."""
    if self.request.retries < 2:
        raise self.retry(countdown=0)
    return [number, self.request.retries]


@app.task
def fail(text: str) -> None:
    raise ValueError(text)


@app.task(bind=True)
def tell(self: Any, share: float) -> str:
    self.update_state(state="PROGRESS", meta={"share": share})
    return f"told {share}"
