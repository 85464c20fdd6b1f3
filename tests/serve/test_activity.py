"""pg_stat_activity and pg_locks: what other sessions of the server do."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

import psycopg

import fivefold

OTHERS = (
    "SELECT application_name, state, wait_event_type, wait_event, query, xact_start IS NULL"
    " FROM pg_stat_activity WHERE pid <> pg_backend_pid() ORDER BY pid"
)


def test_what_sessions_do(tmp_path: Path) -> None:
    with fivefold.serving(str(tmp_path / "some.db"), only=["postgres"]) as server:
        url = server.urls["postgres"]
        with (
            psycopg.connect(url, autocommit=True, application_name="watcher") as watcher,
            psycopg.connect(url, autocommit=True, application_name="worker") as one,
            psycopg.connect(url, autocommit=True, application_name="other") as other,
        ):
            one.execute("CREATE TABLE t (n int PRIMARY KEY)")
            other.execute("SELECT 1 AS one")
            client = ("Client", "ClientRead")
            assert watcher.execute(OTHERS).fetchall() == [
                ("worker", "idle", *client, "CREATE TABLE t (n int PRIMARY KEY)", True),
                ("other", "idle", *client, "SELECT 1 AS one", True),
            ]
            one.execute("BEGIN")
            one.execute("INSERT INTO t VALUES (1)")
            other.execute("BEGIN")
            for text in ("nonsense", "SELECT 1"):
                with suppress(psycopg.Error):
                    other.execute(text)
            inside = "idle in transaction"
            assert watcher.execute(OTHERS).fetchall() == [
                ("worker", inside, *client, "INSERT INTO t VALUES (1)", False),
                ("other", f"{inside} (aborted)", *client, "SELECT 1", False),
            ]
            other.execute("ROLLBACK")
            waiting = threading.Thread(
                target=lambda: other.execute("INSERT INTO t VALUES (%s)", (2,), prepare=True)
            )
            waiting.start()
            asked = ("other", "active", "Lock", "transactionid", "INSERT INTO t VALUES ($1)", False)
            while asked not in watcher.execute(OTHERS).fetchall():
                pass
            found = watcher.execute(
                "SELECT l.mode, l.granted, l.pid = %s, a.application_name"
                " FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                " WHERE locktype = 'transactionid' ORDER BY l.granted",
                (one.info.backend_pid,),
            ).fetchall()
            assert found == [
                ("ShareLock", False, False, "other"),
                ("ExclusiveLock", True, True, "worker"),
            ]
            one.execute("COMMIT")
            waiting.join()
            assert watcher.execute("SELECT count(*) FROM pg_locks").fetchall() == [(0,)]
            own = watcher.execute(
                "SELECT state, client_addr::text, client_port, backend_type, datname, query"
                " FROM pg_stat_activity WHERE pid = pg_backend_pid()"
                " AND backend_start <= query_start AND query_start <= now()"
            ).fetchall()
            ((state, shown, port, kind, database, query),) = own
            assert (state, shown, kind, database) == (
                "active",
                "127.0.0.1",
                "client backend",
                "some",
            )
            assert isinstance(port, int)
            assert str(query).startswith("SELECT state, client_addr")


def test_a_session_that_no_server_knows() -> None:
    with fivefold.open(":memory:") as db:
        assert db.sql("SELECT state, backend_type FROM pg_stat_activity").fetchall() == [
            ("active", "client backend")
        ]
        assert db.sql("SELECT count(*) FROM pg_locks").fetchall() == [(0,)]
