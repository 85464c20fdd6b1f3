"""A small Django project: its own tests, migrations forward and back, inspectdb, and dumpdata."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

import fivefold
from tests import servers
from tests.which import OVER_POSTGRES, of_a_file

PROJECT = Path(__file__).parent / "django_shop"


def manage(url: str, *words: str) -> str:
    """Run a command of Django's on the database at ``url`` and return what it says."""
    parts = conninfo_to_dict(url)
    env = {
        **os.environ,
        "DATABASE_HOST": str(parts["host"]),
        "DATABASE_PORT": str(parts["port"]),
        "DATABASE_USER": str(parts["user"]),
        "DATABASE_NAME": str(parts["dbname"]),
    }
    ran = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=PROJECT,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


@pytest.fixture
def ours(store_url: str) -> Iterator[str]:
    with fivefold.serving(store_url) as server:
        yield server.urls["postgres"]


def test_the_projects_own_tests(ours: str) -> None:
    # A transaction that waited for a row which has changed by then is to be run again there.
    left_out = ["--exclude-tag", "one-writer"] if OVER_POSTGRES else []
    said = manage(ours, "test", "--noinput", *left_out)
    assert re.search(r"^OK$", said, re.MULTILINE), said


def test_its_tests_are_right(postgres_server: servers.Server) -> None:
    """The same on a real PostgreSQL: what is asked of fivefold is what PostgreSQL does."""
    with servers.fresh_database(postgres_server.url) as url:
        said = manage(url, "test", "--noinput")
    assert re.search(r"^OK$", said, re.MULTILINE), said


def test_migrations_forward_and_back(ours: str) -> None:
    manage(ours, "migrate", "shop", "0001")
    with psycopg.connect(ours, autocommit=True) as connection:
        connection.execute("INSERT INTO shop_customer (email) VALUES ('a@example.org')")
        manage(ours, "migrate")
        found = connection.execute("SELECT nickname FROM shop_customer").fetchall()
        assert found == [("a@example.org",)]
        assert "No changes detected" in manage(ours, "makemigrations", "--check", "--dry-run")
        manage(ours, "migrate", "shop", "0001")
        assert connection.execute("SELECT email FROM shop_customer").fetchall() == found
        manage(ours, "migrate", "shop", "zero")
        left = connection.execute("SELECT tablename FROM pg_tables WHERE tablename ~ '^shop_'")
        assert left.fetchall() == []


@of_a_file("its catalogs are the server's own: PG-140")
def test_inspectdb_says_what_it_says_of_postgresql(
    ours: str, postgres_server: servers.Server
) -> None:
    manage(ours, "migrate")
    with servers.fresh_database(postgres_server.url) as theirs:
        manage(theirs, "migrate")
        expected = manage(theirs, "inspectdb", "--include-views")
    assert manage(ours, "inspectdb", "--include-views") == expected
