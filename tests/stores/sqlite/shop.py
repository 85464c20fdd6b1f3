"""Two tables with something of every type, in PostgreSQL and in an embedded store's file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo
from types import MappingProxyType
from typing import Any

import apsw

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import Column, Key, Table
from fivefold.languages.sql.bind.state import Context as Meaning
from fivefold.languages.sql.commands import Query
from fivefold.languages.sql.lift import lift
from fivefold.languages.sql.lower import lower
from fivefold.languages.sql.system.catalog import system_for
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions import registry
from fivefold.stores.sqlite.render import render
from fivefold.values.text import output, parse
from fivefold.values.types import (
    BOOLEAN,
    DATE,
    FLOAT8,
    INT4,
    INT8,
    INTERVAL,
    JSONB,
    NUMERIC,
    REFERENCES,
    TEXT,
    TIMESTAMP,
    TIMESTAMPTZ,
    Kind,
    Stored,
    Type,
    array_of,
)

TextRow = tuple[str | None, ...]

T = Table(
    "public",
    "t",
    (
        Column("id", INT4, not_null=True),
        Column("a", INT4),
        Column("b", INT8),
        Column("n", NUMERIC),
        Column("f", FLOAT8),
        Column("s", TEXT),
        Column("d", DATE),
        Column("ts", TIMESTAMP),
        Column("tz", TIMESTAMPTZ),
        Column("iv", INTERVAL),
        Column("j", JSONB),
        Column("ok", BOOLEAN),
        Column("ia", array_of(INT4)),
    ),
    (Key("t_pkey", ("id",), primary=True),),
)
U = Table(
    "public",
    "u",
    (
        Column("id", INT4, not_null=True),
        Column("t_id", INT4),
        Column("v", Type(Kind.VARCHAR, length=5)),
        Column("q", Type(Kind.NUMERIC, precision=6, scale=2)),
    ),
    (Key("u_pkey", ("id",), primary=True),),
)
CATALOG = Catalog(containers=MappingProxyType({("public", "t"): T, ("public", "u"): U}))

POSTGRES_TABLES = """
CREATE TABLE t (id int PRIMARY KEY, a int, b bigint, n numeric, f float8, s text, d date,
    ts timestamp, tz timestamptz, iv interval, j jsonb, ok boolean, ia int[]);
CREATE TABLE u (id int PRIMARY KEY, t_id int, v varchar(5), q numeric(6,2));
"""
SQLITE_TABLES = """
CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a INTEGER, b INTEGER, n TEXT COLLATE decimal,
    f REAL, s TEXT, d TEXT, ts TEXT, tz TEXT, iv TEXT COLLATE interval, j TEXT, ok INTEGER,
    ia TEXT);
CREATE TABLE u (id INTEGER PRIMARY KEY NOT NULL, t_id INTEGER, v TEXT, q TEXT COLLATE decimal);
"""
ROWS = (
    "INSERT INTO t VALUES (1, 10, 100, 1.50, 1.5, 'one', '2020-01-31', '2020-01-31 10:20:30.5',"
    """ '2020-01-31 10:20:30+00', '1 day', '{"a": 1, "b": [1, 2]}', true, '{1,2,3}')""",
    "INSERT INTO t VALUES (2, -7, 9223372036854775807, 1.5, 'NaN', 'Two', '2021-02-28',"
    " '2021-02-28 23:59:59', '2021-06-01 00:00:00+02', '24:00', '{\"a\": 2.0}', false, '{}')",
    "INSERT INTO t (id) VALUES (3)",
    "INSERT INTO t VALUES (4, 2147483647, -9223372036854775807, 'NaN', -2.25, 'öne%_',"
    " '1999-12-31', '1999-12-31 00:00:00', '1999-12-31 12:00:00+00', '-1 mon 3 days',"
    " '[1, \"x\"]', true, '{4,NULL}')",
    "INSERT INTO u VALUES (1, 1, 'ab', 10.00), (2, 1, 'cde', 20.5), (3, 2, 'x', -3.333),"
    " (4, NULL, NULL, NULL)",
)


def lowered(
    text: str, *, lifting: bool = False, zone: tzinfo = UTC
) -> tuple[Query, tuple[Stored, ...]]:
    """Return a statement and, with ``lifting``, the values of the literals in its text."""
    query = lower(text, Meaning(CATALOG, zone=zone), lifting=lifting)
    assert isinstance(query, Query)
    found = lift(text) if query.lifted else None
    values = []
    for literal in query.lifted:
        assert found is not None
        written = found[1][literal.index]
        values.append(parse(literal.type, f"-{written}" if literal.negated else written, zone=zone))
    return query, tuple(values)


class Shop:
    """A SQLite connection with the tables, which runs SQL and answers in text."""

    def __init__(self, zone: tzinfo = UTC) -> None:
        self.raw = apsw.Connection(":memory:")
        self.system = system_for(CATALOG, "fivefold", "fivefold")
        self.context = Context(system=lambda: self.system)
        registry.register(self.raw, self.context)
        self.raw.execute(SQLITE_TABLES)
        for row in ROWS:
            self.run(row)
        self.context.zone = zone

    def run(self, text: str, *, lifting: bool = False) -> list[TextRow]:
        """Run a statement; values come as PostgreSQL's text, null as None."""
        zone = self.context.zone
        query, values = lowered(text, lifting=lifting, zone=zone)
        self.context.touched.clear()
        rows = self.raw.execute(render(query.statement), values).fetchall()
        shows = [self._shown(one.type) for one in query.statement.outputs or ()]
        return [
            tuple(
                None if value is None else show(value)
                for show, value in zip(shows, row, strict=True)
            )
            for row in rows
        ]

    def _shown(self, type_: Type) -> Callable[[Any], str]:
        if type_.kind in REFERENCES and type_.kind is not Kind.OID:
            return lambda oid: self.system.name_of(type_.kind, oid, self.context.search_path)
        return output(type_, zone=self.context.zone)

    def undone(self, text: str, *, lifting: bool = False) -> list[TextRow]:
        """Run a statement and take back what it changed."""
        self.raw.execute("SAVEPOINT one")
        try:
            return self.run(text, lifting=lifting)
        finally:
            self.raw.execute("ROLLBACK TO one")
            self.raw.execute("RELEASE one")
