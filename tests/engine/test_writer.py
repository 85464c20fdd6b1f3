"""The writer's line: first come, first served; it can be left, and waited in for too long."""

from __future__ import annotations

import threading

import pytest

from fivefold.engine.writer import Writer
from fivefold.errors import Conflict


def never() -> None:
    raise AssertionError("nobody was to be told")


def test_one_holds_it() -> None:
    writer = Writer()
    assert writer.try_acquire()
    assert not writer.try_acquire()
    writer.release()
    assert writer.enqueue(never).granted
    writer.release()
    assert writer.try_acquire()


def test_it_passes_down_the_line_and_nobody_jumps_it() -> None:
    writer = Writer()
    told: list[int] = []
    assert writer.try_acquire()
    tickets = [writer.enqueue(lambda n=n: told.append(n)) for n in range(3)]  # type: ignore[misc]
    assert not any(ticket.granted for ticket in tickets)
    for number in range(3):
        writer.release()
        assert told == list(range(number + 1))
        assert tickets[number].granted
        assert not writer.try_acquire()
    writer.release()
    assert writer.try_acquire()


def test_who_leaves_the_line_is_passed_over() -> None:
    writer = Writer()
    told: list[str] = []
    assert writer.try_acquire()
    first = writer.enqueue(never)
    second = writer.enqueue(lambda: told.append("second"))
    assert writer.withdraw(first)
    writer.release()
    assert told == ["second"]
    assert not writer.withdraw(second)  # it has the place: it must give it back
    writer.release()
    assert writer.try_acquire()


def test_waiting_too_long_is_a_conflict_and_leaves_the_line() -> None:
    writer = Writer()
    assert writer.try_acquire()
    with pytest.raises(Conflict) as caught:
        writer.acquire(0.0)
    assert caught.value.code == "lock_not_available"
    assert caught.value.retry
    writer.release()
    assert writer.try_acquire()


def test_threads_never_hold_it_together() -> None:
    writer = Writer()
    inside = 0
    seen: list[int] = []
    start = threading.Barrier(8)

    def work() -> None:
        nonlocal inside
        start.wait()
        for _ in range(500):
            writer.acquire(30.0)
            inside += 1
            seen.append(inside)
            inside -= 1
            writer.release()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 4000
    assert set(seen) == {1}
    assert writer.try_acquire()
