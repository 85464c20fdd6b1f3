"""A fault in one of our functions is an error of the statement, not the session's end."""

from __future__ import annotations

from pathlib import Path

import pytest

from fivefold.errors import Internal
from fivefold.plan.statement import Output, Statement, Template
from fivefold.stores.contract import Durability
from fivefold.stores.open import open_store
from fivefold.stores.sqlite.connection import SqliteConnection
from fivefold.values.types import INT4


def test_a_fault_is_internal_and_the_connection_goes_on(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "s.db"), Durability.FULL)
    connection = store.connect()
    assert isinstance(connection, SqliteConnection)
    connection.raw.create_scalar_function("boom", lambda: 1 // 0, 0)
    boom = store.prepare(Statement(Template("SELECT boom()", {}), outputs=(Output("x", INT4),)))
    fine = store.prepare(Statement(Template("SELECT 1", {}), outputs=(Output("x", INT4),)))
    connection.begin(write=False)
    with pytest.raises(Internal, match="ZeroDivisionError") as raised:
        connection.run(boom)
    assert isinstance(raised.value.__cause__, ZeroDivisionError)
    with pytest.raises(Internal, match="ZeroDivisionError"):
        list(connection.stream(boom))
    assert connection.in_transaction
    assert connection.run(fine) == [(1,)]
    connection.rollback()
    connection.close()
    store.close()
