"""What RQ's workers run."""

from __future__ import annotations

from rq import get_current_job


def add(x: int, y: int) -> int:
    return x + y


def fail(text: str) -> None:
    raise ValueError(text)


def third_time(key: str) -> int:
    """Fail twice, then give the number of tries."""
    job = get_current_job()
    assert job is not None
    tries = int(job.meta.get("tries", 0)) + 1
    job.meta["tries"] = tries
    job.save_meta()
    if tries < 3:
        raise RuntimeError(f"{key}: try {tries}")
    return tries
