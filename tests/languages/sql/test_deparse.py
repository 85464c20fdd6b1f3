"""Definitions as we print them beside a real PostgreSQL 15's: views, checks, indexes, defaults.

The files of ``deparsed`` hold one object a line. What we do not build yet must say so (0A000); any
other difference fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import Table, View
from fivefold.errors import Unsupported
from fivefold.languages.sql import deparse
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.commands import Schema
from fivefold.languages.sql.lower import lower
from tests import servers
from tests.languages.sql.world import CATALOG, DDL, apply

FOLDER = Path(__file__).parent / "deparsed"
Peer = psycopg.Connection[tuple[str | None, ...]]


def lines(topic: str) -> list[str]:
    return [line for line in (FOLDER / f"{topic}.txt").read_text().splitlines() if line]


@pytest.fixture(scope="module")
def peer(postgres_server: servers.Server) -> Iterator[Peer]:
    with (
        servers.fresh_database(postgres_server.url) as url,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        connection.execute("SET TimeZone = 'UTC'")
        for text in (*DDL, "CREATE TABLE other.s (id integer PRIMARY KEY)"):
            connection.execute(text)
        yield connection


def made(*texts: str) -> Context:
    """The catalog after these statements."""
    catalog: Catalog = CATALOG
    for text in ("CREATE TABLE other.s (id integer PRIMARY KEY)", *texts):
        try:
            command = lower(text, Context(catalog))
        except Unsupported as error:
            pytest.skip(f"not built yet: {error}")
        assert isinstance(command, Schema)
        catalog = apply(catalog, command)
    return Context(catalog)


def theirs(peer: Peer, create: str, question: str) -> list[str | None]:
    """What PostgreSQL answers of an object that lives for this question only."""
    with peer.transaction(force_rollback=True):
        peer.execute(create)
        row = peer.execute(question).fetchone()
    assert row is not None
    return list(row)


def table(context: Context, name: str) -> Table:
    found = context.catalog.find("public", name)
    assert isinstance(found, Table)
    return found


@pytest.mark.parametrize("query", lines("views"))
def test_views(peer: Peer, query: str) -> None:
    create = f"CREATE VIEW made AS {query}"
    context = made(create)
    view = context.catalog.find("public", "made")
    assert isinstance(view, View)
    expected = theirs(
        peer, create, "SELECT pg_get_viewdef('made'::regclass), pg_get_viewdef('made', true)"
    )
    found = [deparse.view_definition(context, view, pretty=pretty) for pretty in (False, True)]
    assert found == expected


@pytest.mark.parametrize("condition", lines("checks"))
def test_checks(peer: Peer, condition: str) -> None:
    expect_printed(peer, f"(LIKE t, CONSTRAINT one CHECK ({condition}))")


@pytest.mark.parametrize("constraint", lines("constraints"))
def test_constraints(peer: Peer, constraint: str) -> None:
    expect_printed(peer, f'(id int, name text, "Order" int, CONSTRAINT one {constraint})')


def expect_printed(peer: Peer, columns: str) -> None:
    """The constraint ``one`` of a table made so is printed as PostgreSQL prints it."""
    context = made(create := f"CREATE TABLE made {columns}")
    expected = theirs(
        peer,
        create,
        "SELECT pg_get_constraintdef(oid), pg_get_constraintdef(oid, true) FROM pg_constraint "
        "WHERE conname = 'one'",
    )
    own = table(context, "made")
    (one,) = (each for each in (*own.keys, *own.foreign_keys, *own.checks) if each.name == "one")
    found = [
        deparse.constraint_definition(context, own, one, pretty=pretty) for pretty in (False, True)
    ]
    assert found == expected


@pytest.mark.parametrize("unique", ["", "UNIQUE "])
@pytest.mark.parametrize("index", lines("indexes"))
def test_indexes(peer: Peer, index: str, unique: str) -> None:
    if unique and "hash" in index:
        pytest.skip("a hash index is not unique")
    on = f"t {index}" if index.startswith("USING") else f"t USING btree {index}"
    create = f"CREATE {unique}INDEX made ON {on}"
    context = made("CREATE TABLE made_t (LIKE t)", create.replace("ON t ", "ON made_t "))
    expected = theirs(
        peer,
        f"CREATE TABLE made_t (LIKE t); {create.replace('ON t ', 'ON made_t ')}",
        "SELECT pg_get_indexdef('made'::regclass), pg_get_indexdef('made'::regclass, 0, true), "
        "pg_get_indexdef('made'::regclass, 1, false), pg_get_indexdef('made'::regclass, 2, true)",
    )
    own = table(context, "made_t")
    (one,) = own.indexes
    found = [
        deparse.index_definition(context, own, one),
        deparse.index_definition(context, own, one, pretty=True),
        deparse.index_definition(context, own, one, 1),
        deparse.index_definition(context, own, one, 2, pretty=True),
    ]
    assert found == expected


def _check_column(peer: Peer, create: str) -> None:
    context = made(create)
    expected = theirs(
        peer,
        create,
        "SELECT pg_get_expr(adbin, adrelid), pg_get_expr(adbin, adrelid, true) FROM pg_attrdef "
        "WHERE adrelid = 'made'::regclass",
    )
    own = table(context, "made")
    column = own.column("made")
    assert column is not None
    found = [
        deparse.column_default(context, own, column, pretty=pretty) for pretty in (False, True)
    ]
    assert found == expected


@pytest.mark.parametrize("default", lines("defaults"))
def test_defaults(peer: Peer, default: str) -> None:
    type_, value = (
        ("double precision", default.removeprefix("double precision "))
        if default.startswith("double")
        else default.split(" ", 1)
    )
    _check_column(peer, f"CREATE TABLE made (made {type_} DEFAULT {value})")


@pytest.mark.parametrize("generated", lines("generated"))
def test_generated(peer: Peer, generated: str) -> None:
    type_, value = (
        ("double precision", generated.removeprefix("double precision "))
        if generated.startswith("double")
        else generated.split(" ", 1)
    )
    _check_column(
        peer,
        f"CREATE TABLE made (id int, name varchar(10), n bigint, price numeric(10,2), k integer, "
        f"j jsonb, made {type_} GENERATED ALWAYS AS ({value}) STORED)",
    )


def test_serial(peer: Peer) -> None:
    _check_column(peer, "CREATE TABLE made (made serial)")


@pytest.mark.parametrize(
    ("query", "left_out"),
    [
        ("SELECT id FROM t FOR UPDATE", "\n FOR UPDATE OF t"),
        ("SELECT + id AS a FROM t", "(+ t.id)"),
        ("SELECT make_interval(days => 1) AS a", "days => 1"),
    ],
)
def test_what_is_not_shown(peer: Peer, query: str, left_out: str) -> None:
    create = f"CREATE VIEW made AS {query}"
    context = made(create)
    view = context.catalog.find("public", "made")
    assert isinstance(view, View)
    (expected,) = theirs(peer, create, "SELECT pg_get_viewdef('made'::regclass)")
    assert expected is not None
    assert left_out in expected
    assert left_out not in deparse.view_definition(context, view)
