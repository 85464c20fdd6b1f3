"""The schema of a SQLite file that fivefold did not make."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fivefold.design.readers.sqlite import is_ours, read_sqlite
from fivefold.design.schema import EntityKind, Field, Index, Many, Schema
from fivefold.errors import Unavailable

SHOP = """
CREATE TABLE Customer (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT DEFAULT '?');
CREATE TABLE address (customer INTEGER PRIMARY KEY REFERENCES customer, street TEXT);
CREATE TABLE orders (
    shop TEXT NOT NULL, number INTEGER NOT NULL, customer INTEGER REFERENCES customer (id),
    PRIMARY KEY (shop, number)
) WITHOUT ROWID;
CREATE TABLE line (
    id INTEGER PRIMARY KEY, shop TEXT NOT NULL, number INTEGER NOT NULL,
    FOREIGN KEY (shop, number) REFERENCES orders
);
CREATE INDEX line_low ON line (number, lower(shop)) WHERE number < 10;
CREATE UNIQUE INDEX line_once ON line (shop, number);
CREATE VIEW names AS SELECT name FROM customer;
INSERT INTO customer (email) VALUES ('a'), ('b'), ('c');
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop #1.db"  # a name that a URI has to write otherwise
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(SHOP)
    return path


@pytest.fixture
def shop(file: Path) -> Schema:
    return read_sqlite(file)


def test_entities(shop: Schema) -> None:
    assert {one.name: (one.kind, one.rows) for one in shop.entities} == {
        "Customer": (EntityKind.TABLE, 3),
        "address": (EntityKind.TABLE, 0),
        "line": (EntityKind.TABLE, 0),
        "names": (EntityKind.VIEW, None),
        "orders": (EntityKind.TABLE, None),
    }


def test_fields_and_keys(shop: Schema) -> None:
    customer = shop.find(("public", "Customer"))
    assert customer is not None
    assert customer.fields == (
        Field("id", "INTEGER", nullable=False),
        Field("email", "TEXT", nullable=False),
        Field("name", "TEXT", default="'?'"),
    )
    assert customer.primary_key == ("id",)
    assert customer.unique_keys == (("email",),)
    orders = shop.find(("public", "orders"))
    assert orders is not None
    assert orders.primary_key == ("shop", "number")


def test_indexes(shop: Schema) -> None:
    line = shop.find(("public", "line"))
    assert line is not None
    assert line.indexes == (
        Index("line_low", ("number", "(an expression)"), where="number < 10"),
        Index("line_once", ("shop", "number"), unique=True),
    )


@pytest.mark.parametrize(
    ("table", "target", "target_fields", "sources", "targets"),
    [
        ("address", "Customer", ("id",), Many.ZERO_OR_ONE, Many.ONE),
        ("orders", "Customer", ("id",), Many.ZERO_OR_MORE, Many.ZERO_OR_ONE),
        ("line", "orders", ("shop", "number"), Many.ZERO_OR_ONE, Many.ONE),
    ],
)
def test_cardinalities(
    shop: Schema,
    table: str,
    target: str,
    target_fields: tuple[str, ...],
    sources: Many,
    targets: Many,
) -> None:
    entity = shop.find(("public", table))
    assert entity is not None
    (found,) = entity.references
    assert found.target == ("public", target)
    assert found.target_fields == target_fields
    assert (found.sources, found.targets) == (sources, targets)


def test_reading_changes_nothing(file: Path) -> None:
    before = file.read_bytes()
    read_sqlite(file)
    assert file.read_bytes() == before
    assert [each.name for each in file.parent.iterdir()] == [file.name]
    assert not is_ours(file)


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter"
    path.write_text("Dear reader, " * 100, encoding="utf-8")
    with pytest.raises(Unavailable, match="cannot be read"):
        read_sqlite(path)


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be read"):
        read_sqlite(tmp_path / "missing.db")
    assert not list(tmp_path.iterdir())
