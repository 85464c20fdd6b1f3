"""Advisory locks between clients: waiting, cancelling, deadlocks, and sessions that end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import psycopg
import pytest

import fivefold

Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with fivefold.serving(str(tmp_path / "locks.db"), only=["postgres"]) as server:
        yield server.urls["postgres"]


def _connect(url: str) -> Connection:
    return psycopg.connect(url, autocommit=True)


def _in_background(connection: Connection, text: str) -> Queue[object]:
    """Run a statement on a thread; what it answered comes through the queue."""
    answers: Queue[object] = Queue()

    def run() -> None:
        try:
            answers.put(connection.execute(text).fetchall())
        except psycopg.Error as error:
            answers.put(error.sqlstate)

    threading.Thread(target=run, daemon=True).start()
    return answers


def _until_waiting(watcher: Connection, count: int = 1) -> None:
    text = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    while watcher.execute(text).fetchall() != [(count,)]:
        pass


def test_who_waits_goes_on_when_the_lock_is_free(url: str) -> None:
    with _connect(url) as a, _connect(url) as b, _connect(url) as c:
        a.execute("SELECT pg_advisory_lock(1)")
        waiting = _in_background(b, "SELECT pg_advisory_lock(1), 7")
        _until_waiting(c)
        assert c.execute("SELECT 1").fetchall() == [(1,)]  # the loop goes on
        assert c.execute("SELECT pg_try_advisory_lock_shared(1)").fetchall() == [(False,)]
        a.execute("SELECT pg_advisory_unlock(1)")
        assert waiting.get(timeout=20) == [("", 7)]
        waiting = _in_background(a, "SELECT pg_advisory_lock(1), 8")
        _until_waiting(c)
        b.close()
        assert waiting.get(timeout=20) == [("", 8)]


def test_more_wait_than_there_are_workers(url: str) -> None:
    with _connect(url) as holder, _connect(url) as watcher:
        holder.execute("CREATE TABLE t AS SELECT generate_series(1, 100) AS n")
        holder.execute("SELECT pg_advisory_lock(1)")
        waiters = [_connect(url) for _ in range(12)]
        text = "SELECT pg_advisory_xact_lock(1), 1"
        answers = [_in_background(each, text) for each in waiters]
        _until_waiting(watcher, len(waiters))
        assert holder.execute("SELECT sum(n) FROM t").fetchall() == [(5050,)]  # on a worker
        holder.execute("SELECT pg_advisory_unlock(1)")
        assert [each.get(timeout=20) for each in answers] == [[("", 1)]] * len(waiters)
        for each in waiters:
            each.close()


def test_who_waits_can_be_cancelled(url: str) -> None:
    with _connect(url) as a, _connect(url) as b, _connect(url) as c:
        a.execute("SELECT pg_advisory_lock(1)")
        waiting = _in_background(b, "SELECT pg_advisory_lock(1)")
        _until_waiting(c)
        b.cancel_safe()
        assert waiting.get(timeout=20) == "57014"
        assert b.execute("SELECT pg_try_advisory_lock(2)").fetchall() == [(True,)]
        asleep = _in_background(b, "SELECT pg_sleep(600)")
        pid = b.info.backend_pid
        while not c.execute(
            "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND state = 'active'", (pid,)
        ).fetchall():
            pass
        assert c.execute("SELECT pg_cancel_backend(%s)", (pid,)).fetchall() == [(True,)]
        assert asleep.get(timeout=20) == "57014"


def test_a_deadlock_is_found(url: str) -> None:
    with _connect(url) as a, _connect(url) as b, _connect(url) as c:
        a.execute("SELECT pg_advisory_lock(1)")
        b.execute("SELECT pg_advisory_lock(2)")
        waiting = _in_background(a, "SELECT pg_advisory_lock(2), 7")
        _until_waiting(c)
        with pytest.raises(psycopg.errors.DeadlockDetected, match="deadlock detected") as caught:
            b.execute("SELECT pg_advisory_lock(1)")
        assert "waits for ExclusiveLock on advisory lock [0,1,1]" in str(caught.value)
        b.execute("SELECT pg_advisory_unlock(2)")
        assert waiting.get(timeout=20) == [("", 7)]


def test_pg_locks_shows_them(url: str) -> None:
    with _connect(url) as a, _connect(url) as b:
        a.execute("SELECT pg_advisory_lock(-1), pg_advisory_lock_shared(3, 4)")
        rows = b.execute(
            "SELECT classid::int8, objid::int8, objsubid, mode, granted, pid FROM pg_locks"
            " WHERE locktype = 'advisory' ORDER BY objsubid"
        ).fetchall()
        pid = a.info.backend_pid
        assert rows == [
            (4294967295, 4294967295, 1, "ExclusiveLock", True, pid),
            (3, 4, 2, "ShareLock", True, pid),
        ]


def test_the_embedded_doors_have_them_too() -> None:
    with fivefold.open(":memory:") as db, db.transaction() as tx:
        tx.sql("SELECT pg_advisory_xact_lock(1)")
        with db.transaction() as other:
            tried = other.sql("SELECT pg_try_advisory_lock(1), pg_try_advisory_lock(2)")
            assert tried.fetchall() == [(False, True)]
        assert db.sql("SELECT pg_try_advisory_xact_lock(2)").fetchall() == [(True,)]
        assert db.sql("SELECT pg_try_advisory_xact_lock(1)").fetchall() == [(False,)]
