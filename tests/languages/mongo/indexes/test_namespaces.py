"""Names of databases and collections. Source: manual, "MongoDB Limits and Thresholds"."""

from __future__ import annotations

import pytest

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.namespaces import (
    check_collection,
    check_database,
    check_new_collection,
)


@pytest.mark.parametrize("name", ["shop", "a" * 63, "local-2", "ü", "a,b"])
def test_databases(name: str) -> None:
    check_database(name)


@pytest.mark.parametrize("name", ["", "a.b", "a b", 'a"b', "a/b", "a\\b", "a$b", "a\0b"])
def test_no_databases(name: str) -> None:
    with pytest.raises(FivefoldError) as caught:
        check_database(name)
    assert caught.value.number == 73
    assert caught.value.message == f"Invalid database name: '{name}'"


def test_a_database_whose_name_is_too_long() -> None:
    with pytest.raises(FivefoldError) as caught:
        check_database("ü" * 32)
    assert caught.value.number == 73
    assert caught.value.message == "db name must be at most 63 characters, found: 64"


@pytest.mark.parametrize("name", ["orders", "fs.files", "a.b.c", "a" * 250, "system.js", "A b"])
def test_collections(name: str) -> None:
    check_new_collection("shop", name)


@pytest.mark.parametrize("name", ["", ".a", "a\0b"])
def test_what_no_collection_is_called(name: str) -> None:
    with pytest.raises(FivefoldError) as caught:
        check_collection("shop", name)
    assert caught.value.number == 73
    assert caught.value.message == f"Invalid namespace specified 'shop.{name}'"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a$b", "Invalid collection name: a$b"),
        ("system.foo", "Invalid system namespace: shop.system.foo"),
        ("a" * 251, f"Fully qualified namespace is too long. Namespace: shop.{'a' * 251} Max: 255"),
    ],
)
def test_what_no_collection_may_be_made_as(name: str, message: str) -> None:
    check_collection("shop", name)
    with pytest.raises(FivefoldError) as caught:
        check_new_collection("shop", name)
    assert caught.value.number == 73
    assert caught.value.message == message
