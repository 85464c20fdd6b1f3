"""What tools ask of the catalogs, of us and of a real PostgreSQL 15 over the same schema.

psql's ``\\d`` family, SQLAlchemy's inspector, Django's inspectdb and the queries that others send;
``describing/`` holds the schema and what is asked. Only the database's name may differ.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
import sqlalchemy
from psycopg.types import TypeInfo
from psycopg.types.enum import EnumInfo
from sqlalchemy.engine.reflection import ObjectKind

import fivefold
from tests import servers
from tests.servers import Server

FOLDER = Path(__file__).parent / "describing"
COMMANDS = [line for line in (FOLDER / "psql.txt").read_text().splitlines() if line]
QUERIES = [text for text in (FOLDER / "queries.sql").read_text().split(";\n") if text.strip()]
DJANGO = """
import sys, urllib.parse, django
from django.conf import settings
url = urllib.parse.urlparse(sys.argv[1])
settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.postgresql",
    "NAME": url.path[1:], "HOST": url.hostname, "PORT": url.port, "USER": url.username}})
django.setup()
from django.core.management import call_command
from django.db import connection
call_command("inspectdb", "--include-views")
with connection.cursor() as cursor:
    for table in ("customer", "orders", "plain"):
        for ask in ("constraints", "sequences", "relations", "primary_key_columns"):
            print(table, getattr(connection.introspection, "get_" + ask)(cursor, table))
"""


class Peers(NamedTuple):
    theirs: str
    ours: str

    def plain(self, text: str) -> str:
        """Return a text with the one name for both databases."""
        for url in self:
            text = text.replace(url.rpartition("/")[2], "DATABASE")
        return text


@pytest.fixture(scope="module")
def peers(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peers]:
    if os.environ.get("FIVEFOLD_TEST_STORE"):
        pytest.skip("a PostgreSQL store answers with PostgreSQL's own catalogs")
    store = str(tmp_path_factory.mktemp("describing") / "fivefold_describing.db")
    with (
        servers.fresh_database(postgres_server.url) as theirs,
        fivefold.serving(store) as server,
    ):
        host, name = (
            server.urls["postgres"].rpartition("@")[2].removeprefix("postgresql://").split("/")
        )
        ours = f"postgresql://postgres@{host}/{name}"
        for url in (theirs, ours):
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute((FOLDER / "schema.sql").read_text())
        yield Peers(theirs, ours)


def described(url: str) -> list[str]:
    """Return what psql says to each command."""
    program = str(servers.find_program("psql"))
    text = "".join(f"{command}\n\\echo ----\n" for command in COMMANDS)
    done = subprocess.run(
        [program, "-X", url],
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=100,
    )
    return done.stdout.split("----\n")


def test_psql_describes_as_it_does_postgresql(peers: Peers) -> None:
    answers = zip(COMMANDS, described(peers.ours), described(peers.theirs), strict=False)
    for command, ours, theirs in answers:
        assert ours == theirs, command


def asked(url: str, text: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        try:
            cursor = connection.execute(text)  # type: ignore[call-overload]
        except psycopg.Error as error:
            return error.sqlstate, error.diag.message_primary
        assert cursor.description is not None
        return [(each.name, each.type_code) for each in cursor.description], cursor.fetchall()


@pytest.mark.parametrize("text", QUERIES)
def test_queries_of_the_catalogs_answer_alike(text: str, peers: Peers) -> None:
    ours, theirs = (peers.plain(str(asked(url, text))) for url in (peers.ours, peers.theirs))
    assert ours == theirs


def inspected(url: str) -> dict[str, object]:
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    found = sqlalchemy.inspect(engine)
    facts: dict[str, object] = {"schemas": found.get_schema_names()}
    for schema in (None, "shop"):
        for what in ("table_names", "view_names", "materialized_view_names", "sequence_names"):
            facts[f"{what} {schema}"] = sorted(getattr(found, f"get_{what}")(schema))
        facts[f"enums {schema}"] = found.get_enums(schema)  # type: ignore[attr-defined]
        for what in (
            *("columns", "pk_constraint", "foreign_keys", "indexes", "unique_constraints"),
            *("check_constraints", "table_comment", "table_options"),
        ):
            every = getattr(found, f"get_multi_{what}")(schema, kind=ObjectKind.ANY)
            facts[f"{what} {schema}"] = {name: str(value) for name, value in every.items()}
    facts["view"] = found.get_view_definition("rich")
    metadata = sqlalchemy.MetaData()
    metadata.reflect(engine, views=True)
    facts["reflected"] = sorted(metadata.tables)
    engine.dispose()
    return facts


def test_sqlalchemy_inspects_alike(peers: Peers) -> None:
    ours, theirs = inspected(peers.ours), inspected(peers.theirs)
    for what, answer in theirs.items():
        assert ours[what] == answer, what


def test_django_inspects_alike(peers: Peers) -> None:
    answers = []
    for url in (peers.ours, peers.theirs):
        done = subprocess.run(
            [sys.executable, "-c", DJANGO, url], capture_output=True, text=True, timeout=100
        )
        answers.append(done.stdout + done.stderr)
    assert answers[0] == answers[1]


def test_psycopg_finds_types(peers: Peers) -> None:
    with psycopg.connect(peers.ours) as connection:
        mood = EnumInfo.fetch(connection, "mood")
        assert mood is not None
        assert mood.labels == ["sad", "ok", "happy"]
        text = TypeInfo.fetch(connection, "text")
        assert text is not None
        assert (text.oid, text.array_oid) == (25, 1009)
        assert TypeInfo.fetch(connection, "hstore") is None


def test_a_transaction_sees_its_own_changes(peers: Peers) -> None:
    count = "SELECT count(*) FROM pg_class WHERE relname = 'passing'"
    with psycopg.connect(peers.ours) as connection:
        connection.execute("CREATE TABLE passing (a integer)")
        assert connection.execute(count).fetchone() == (1,)
        connection.execute("SAVEPOINT one")
        connection.execute("DROP TABLE passing")
        assert connection.execute(count).fetchone() == (0,)
        connection.execute("ROLLBACK TO one")
        assert connection.execute(count).fetchone() == (1,)
        connection.rollback()
        assert connection.execute(count).fetchone() == (0,)


def test_a_regclass_is_its_oid_in_binary(peers: Peers) -> None:
    ask = "SELECT 'customer'::regclass, 'customer'::regclass::oid, $1::regclass::oid"
    with psycopg.connect(peers.ours) as connection:
        shown = psycopg.RawCursor(connection).execute(ask, ["plain"]).fetchone()
        assert shown is not None
        assert shown[0] == "customer"
        cursor = psycopg.RawCursor(connection)
        cursor.execute(ask, ["plain"], binary=True)
        assert cursor.pgresult is not None
        data = cursor.pgresult.get_value(0, 0)
        assert data is not None
        assert int.from_bytes(data) == shown[1]
