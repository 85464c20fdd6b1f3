"""The peers themselves: started, answering, apart from each other, and gone afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from tests import servers
from tests.conftest import start_or_skip


def test_free_ports_are_different() -> None:
    assert len(set(servers.free_ports(20))) == 20


def test_absent_program_is_named() -> None:
    with pytest.raises(servers.Absent, match="no-such-program is not installed"):
        servers.find_program("no-such-program")


@pytest.mark.parametrize(
    ("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)]
)
def test_absence_skips_with_its_reason_and_fails_in_ci(
    ci: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def absent() -> Iterator[servers.Server]:
        servers.find_program("no-such-program")
        with servers.redis_server() as server:
            yield server

    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="no-such-program is not installed"):
        next(start_or_skip(absent()))


def test_redis_answers(redis_server: servers.Server) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        assert client.set("key", "value")
        assert client.get("key") == b"value"


def test_postgres_answers(postgres_server: servers.Server) -> None:
    with psycopg.connect(postgres_server.url) as connection:
        row = connection.execute("SELECT current_user, current_setting('server_encoding')")
        assert row.fetchone() == ("postgres", "UTF8")


def test_databases_are_apart_and_dropped(postgres_server: servers.Server) -> None:
    with servers.fresh_database(postgres_server.url) as one:
        with servers.fresh_database(postgres_server.url) as other, psycopg.connect(one) as here:
            here.execute("CREATE TABLE t (n int)")
            here.commit()
            with psycopg.connect(other) as there, pytest.raises(psycopg.errors.UndefinedTable):
                there.execute("SELECT n FROM t")
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            psycopg.connect(other)


@pytest.mark.parametrize("query", ["", "?connect_timeout=5"])
def test_database_url_keeps_its_query(postgres_server: servers.Server, query: str) -> None:
    with servers.fresh_database(postgres_server.url + query) as url:
        assert url.endswith(query)
        with psycopg.connect(url) as connection:
            assert connection.info.dbname.startswith("fivefold_test_")


def test_server_is_stopped_and_its_folder_removed(redis_server: servers.Server) -> None:
    with servers.redis_server("--save", "") as mine:
        assert (mine.port, mine.pid) != (redis_server.port, redis_server.pid)
        os.kill(mine.pid, 0)
    assert not mine.folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(mine.pid, 0)


def test_refused_option_says_why(redis_server: servers.Server) -> None:
    with (
        pytest.raises(servers.NotStarted, match="no-such-option"),
        servers.redis_server("--no-such-option", "1"),
    ):
        pass


def test_store_url_is_this_tests_own(store_url: str, tmp_path: Path) -> None:
    assert store_url == str(tmp_path / "store.db") or "/fivefold_test_" in store_url
