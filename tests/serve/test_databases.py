"""PostgreSQL's databases inside one file: made, connected to, kept apart, dropped."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

import fivefold

Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def url(store_url: str) -> Iterator[str]:
    with fivefold.serving(store_url, durability="off") as server:
        yield server.urls["postgres"].rpartition("/")[0]


def connect(url: str, database: str) -> Connection:
    return psycopg.connect(f"{url}/{database}", autocommit=True)


def refused(connection: Connection, text: str) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        connection.execute(text)
    return caught.value.diag.sqlstate, caught.value.diag.message_primary


def test_databases_do_not_see_each_other(url: str) -> None:
    with connect(url, "postgres") as main:
        main.execute("CREATE TABLE t (id serial PRIMARY KEY, x text)")
        main.execute("INSERT INTO t (x) VALUES ('main')")
        main.execute("CREATE DATABASE shop WITH OWNER postgres ENCODING 'UTF8' TEMPLATE template0")
        with connect(url, "shop") as shop:
            assert refused(shop, "SELECT * FROM t")[0] == "42P01"
            shop.execute("CREATE TYPE mood AS ENUM ('sad', 'ok')")
            shop.execute("CREATE SCHEMA s")
            shop.execute("CREATE TABLE s.p (id int PRIMARY KEY CHECK (id > 0))")
            shop.execute(
                "CREATE TABLE t (id serial PRIMARY KEY, m mood DEFAULT 'ok', p int REFERENCES s.p,"
                " twice int GENERATED ALWAYS AS (p * 2) STORED, u text UNIQUE)"
            )
            shop.execute("INSERT INTO s.p VALUES (1)")
            made = shop.execute("INSERT INTO t (p, u) VALUES (1, 'a') RETURNING *").fetchall()
            assert made == [(1, "ok", 1, 2, "a")]
            assert shop.execute("SELECT nextval('t_id_seq')").fetchall() == [(2,)]
            shop.execute("CREATE VIEW v AS SELECT m FROM public.t")
            shop.execute("ALTER TABLE t ADD COLUMN k numeric DEFAULT 1.5")
            shop.execute("CREATE INDEX ON t (k)")
            shown = "SELECT current_database(), current_schema(), 't'::regclass::text"
            assert shop.execute(shown).fetchall() == [("shop", "public", "t")]
            with shop.cursor() as cursor, cursor.copy("COPY s.p FROM STDIN") as copy:
                copy.write("5\n")
            assert shop.execute("SELECT id FROM shop.s.p ORDER BY id").fetchall() == [(1,), (5,)]
        assert main.execute("SELECT x FROM t").fetchall() == [("main",)]


def test_an_error_names_the_schema_as_its_database_does(url: str) -> None:
    with connect(url, "postgres") as main:
        main.execute("CREATE DATABASE shop")
    with connect(url, "shop") as shop:
        shop.execute("CREATE TABLE t (id int PRIMARY KEY)")
        shop.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(psycopg.errors.UniqueViolation) as caught:
            shop.execute("INSERT INTO t VALUES (1)")
    found = caught.value.diag
    assert (found.schema_name, found.table_name, found.constraint_name) == (
        "public",
        "t",
        "t_pkey",
    )


def test_unknown_databases_are_refused(url: str) -> None:
    with pytest.raises(psycopg.OperationalError, match='database "nosuch" does not exist'):
        connect(url, "nosuch")
    with connect(url, "postgres") as main:
        assert refused(main, "DROP DATABASE nosuch") == (
            "3D000",
            'database "nosuch" does not exist',
        )
        main.execute("DROP DATABASE IF EXISTS nosuch")


def test_making_and_dropping_follow_postgresql_s_rules(url: str) -> None:
    with connect(url, "postgres") as main:
        main.execute("CREATE DATABASE shop")
        assert refused(main, "CREATE DATABASE shop")[0] == "42P04"
        main.execute("BEGIN")
        assert refused(main, "CREATE DATABASE other")[0] == "25001"
        main.execute("ROLLBACK")
        assert refused(main, "DROP DATABASE postgres")[0] in ("55006", "0A000")
        assert refused(main, "CREATE DATABASE x TEMPLATE shop")[0] == "0A000"
        with connect(url, "shop") as shop:
            assert refused(shop, "DROP DATABASE shop")[0] == "55006"
            shop.execute("CREATE TABLE t (id serial PRIMARY KEY)")
            shop.execute("CREATE TABLE u (t int REFERENCES t)")
            assert refused(main, "DROP DATABASE shop") == (
                "55006",
                'database "shop" is being accessed by other users',
            )
            main.execute("DROP DATABASE shop WITH (FORCE)")
            assert refused(shop, "SELECT * FROM t")[0] == "3D000"
        main.execute("CREATE DATABASE shop")
        with connect(url, "shop") as shop:
            assert refused(shop, "SELECT * FROM t")[0] == "42P01"
