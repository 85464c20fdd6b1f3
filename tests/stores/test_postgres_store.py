"""What only a PostgreSQL server can do: tables of others, settings of its own, lock waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from fivefold.catalog.changes import CreateNamespace, DropNamespace
from fivefold.catalog.containers import Action, ForeignKey, Index, IndexPart, Key
from fivefold.plan.statement import Statement, Template
from fivefold.stores.checked import checked
from fivefold.stores.contract import Durability
from fivefold.stores.open import open_store
from fivefold.values.types import INT8, TEXT, Stored
from tests.stores.tools import Talk, fails, table, type_of


@contextmanager
def opened(url: str, durability: Durability = Durability.FULL) -> Iterator[Talk]:
    store = checked(open_store(url, durability))
    connection = store.connect()
    try:
        yield Talk(store, connection)
    finally:
        connection.close()
        store.close()


def foreign(url: str, text: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(text.encode())


def shown(talk: Talk, setting: str) -> Stored:
    return talk.say(f"SELECT current_setting('{setting}')")[0][0]


def test_settings_of_every_connection(postgres_url: str) -> None:
    for durability, commit in (("full", "on"), ("normal", "off"), ("off", "off")):
        with opened(postgres_url, Durability(durability)) as talk:
            assert shown(talk, "synchronous_commit") == commit
            assert shown(talk, "default_transaction_isolation") == "serializable"
            assert shown(talk, "TimeZone") == "UTC"
            assert shown(talk, "DateStyle") == "ISO, YMD"
            assert shown(talk, "application_name") == "fivefold"
            assert talk.store.name == postgres_url.rpartition("/")[2]


def test_tables_of_others_are_described(postgres_url: str) -> None:
    foreign(
        postgres_url,
        """
        CREATE SCHEMA lib;
        CREATE TABLE lib.author (id serial PRIMARY KEY, name varchar(30) NOT NULL UNIQUE,
            born timestamp(3), tags text[], price numeric(8,2), kind char(2), place point);
        CREATE TABLE lib.book (isbn text, part smallint, author int DEFAULT 1,
            twice int GENERATED ALWAYS AS (part * 2) STORED,
            PRIMARY KEY (part, isbn),
            CONSTRAINT wrote FOREIGN KEY (author) REFERENCES lib.author ON DELETE SET NULL);
        CREATE INDEX book_author ON lib.book (author, isbn);
        INSERT INTO lib.author (name, kind) VALUES ('Ada', 'x');
        """,
    )
    with opened(postgres_url) as talk:
        author, book = talk.table("lib.author"), talk.table("lib.book")
        assert [str(each.type) for each in author.columns] == [
            *("integer", "character varying(30)", "timestamp(3) without time zone", "text[]"),
            *("numeric(8,2)", "character(2)", "text"),
        ]
        assert author.keys == (
            Key("author_name_key", ("name",)),
            Key("author_pkey", ("id",), primary=True),
        )
        assert book.primary_key == Key("book_pkey", ("part", "isbn"), primary=True)
        assert book.foreign_keys == (
            ForeignKey("wrote", ("author",), ("lib", "author"), ("id",), Action.SET_NULL),
        )
        assert book.indexes == (Index("book_author", (IndexPart("author"), IndexPart("isbn"))),)
        assert [each.not_null for each in book.columns] == [True, True, False, False]
        assert book.columns[3].generated is not None
        assert talk.catalog().namespaces == {"public", "lib"}
        assert talk.say("SELECT name, kind FROM {author}") == [("Ada", "x")]


def test_a_table_that_somebody_altered_is_described_anew(postgres_url: str) -> None:
    with opened(postgres_url) as talk:
        talk.create(table("t", "id int8 not null", "v varchar(9)", key="id"))
        foreign(postgres_url, "ALTER TABLE t ADD COLUMN more int")
        assert [each.name for each in talk.table("t").columns] == ["id", "v", "more"]
        foreign(postgres_url, "DROP TABLE t")
        assert talk.catalog().find("public", "t") is None


def test_waiting_for_a_row_has_an_end(postgres_url: str) -> None:
    short = f"{postgres_url}?options=-c%20lock_timeout%3D20"
    with opened(postgres_url) as one, opened(short) as other:
        one.create(table("t", "id int8 not null", "v text", key="id"))
        one.say("INSERT INTO {t} (id) VALUES (1)")
        one.on.begin(write=True)
        one.say("UPDATE {t} SET v = 'a' WHERE id = 1")
        other.on.begin(write=True)
        other.say("INSERT INTO {t} (id) VALUES (2)")
        with fails("lock_not_available") as caught:
            other.say("UPDATE {t} SET v = 'b' WHERE id = 1")
        assert caught.value.retry
        assert other.rows("t") == [(1, None), (2, None)]
        other.on.rollback()
        one.on.commit()


def test_the_catalogs_own_schema_is_taken(postgres_url: str) -> None:
    with opened(postgres_url) as talk:
        with fails("duplicate_namespace"):
            talk.change(CreateNamespace("fivefold"))
        assert talk.catalog().namespaces == {"public"}
        talk.change(CreateNamespace("full"))
        talk.create(table("full.t", "id int8"))
        with fails("dependent_objects_still_exist"):
            talk.change(DropNamespace("full"))
        assert talk.table("full.t")


def test_text_that_postgres_cannot_hold(postgres_url: str) -> None:
    with opened(postgres_url) as talk:
        talk.on.begin(write=True)
        with fails("character_not_in_repertoire"):
            talk.say("SELECT ?", "a\0b", types=(TEXT,))
        assert talk.say("SELECT 1") == [(1,)]
        talk.on.commit()


def test_settings_do_not_pass_to_the_next_who_takes_a_line(postgres_url: str) -> None:
    store = checked(open_store(postgres_url))
    first = store.connect()
    first.set_deadline(1.0)  # long ago
    first.begin(write=False)
    select = store.prepare(Statement(Template("SELECT pg_backend_pid(), ?", {}), (INT8,)))
    with fails("statement_timeout"):
        first.run(store.prepare(Statement(Template("SELECT pg_sleep(5)::text", {}))))
    first.close()
    second = store.connect()
    assert second.run(select, (5,))[0][1] == 5
    assert Talk(store, second).say("SELECT current_setting('statement_timeout')") == [("0",)]
    second.close()
    store.close()


@pytest.mark.parametrize(
    ("name", "value"), [("int4[]", "[1,2,null]"), ("text[]", '["a",null,"{b,\\"c"]')]
)
def test_arrays_cross_as_postgres_writes_them(postgres_url: str, name: str, value: str) -> None:
    with opened(postgres_url) as talk:
        statement = Statement(Template("SELECT cardinality(?)", {}), (type_of(name),))
        prepared = talk.store.prepare(statement)
        assert talk.on.run(prepared, (value,)) == [(3,)]
        assert talk.on.run(prepared, (None,)) == [(None,)]
