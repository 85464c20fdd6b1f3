"""DDL: names that PostgreSQL would choose, and its refusals."""

from __future__ import annotations

import pytest

from fivefold.catalog.changes import AlterTable, CreateContainer, CreateIndex, DropContainer
from fivefold.catalog.containers import Table
from fivefold.errors import FivefoldError
from fivefold.languages.sql.commands import Schema
from fivefold.languages.sql.lower import lower
from tests.languages.sql.world import CONTEXT


def lowered(text: str) -> Schema:
    command = lower(text, CONTEXT)
    assert isinstance(command, Schema)
    return command


def made(text: str) -> Table:
    change = lowered(text).changes[-1]
    assert isinstance(change, CreateContainer)
    assert isinstance(change.container, Table)
    return change.container


def test_automatic_names() -> None:
    table = made(
        "CREATE TABLE a (id serial PRIMARY KEY, x int UNIQUE CHECK (x > 0), y int CHECK (y < x),"
        " t_id int REFERENCES t, UNIQUE (x, y), CHECK (y > 1), CHECK (y > 2))"
    )
    assert [key.name for key in table.keys] == ["a_pkey", "a_x_key", "a_x_y_key"]
    assert [check.name for check in table.checks] == [
        "a_x_check",
        "a_check",
        "a_y_check",
        "a_y_check1",
    ]
    assert [key.name for key in table.foreign_keys] == ["a_t_id_fkey"]
    assert table.columns[0].sequence == "a_id_seq"


def test_long_names_are_cut() -> None:
    table = made(f"CREATE TABLE {'a' * 60} ({'b' * 60} int UNIQUE)")
    assert table.keys[0].name == f"{'a' * 29}_{'b' * 29}_key"


def test_index_names() -> None:
    change = lowered("CREATE INDEX ON t (name, lower(name) DESC, (n + 1)) WHERE n > 5").changes[0]
    assert isinstance(change, CreateIndex)
    assert change.index.name == "t_name_lower_expr_idx"
    assert set(change.bound) == {"lower(name)", "n + 1", "n > 5"}


REFUSED = [
    ("CREATE TABLE z ()", "feature_not_supported", "a table without columns is not supported"),
    (
        "ALTER TABLE u DROP id, DROP t_id, DROP v, DROP f",
        "feature_not_supported",
        "a table without columns is not supported",
    ),
    (
        "COPY t FROM '/tmp/x'",
        "insufficient_privilege",
        "must be superuser or have privileges of the pg_read_server_files role to COPY from a file",
    ),
    ("CREATE TABLE t (x int)", "duplicate_table", 'relation "t" already exists'),
    ("CREATE TABLE a (x int, x int)", "duplicate_column", 'column "x" specified more than once'),
    ("CREATE TABLE a (x nope)", "undefined_object", 'type "nope" does not exist'),
    ("CREATE TABLE no.a (x int)", "undefined_namespace", 'schema "no" does not exist'),
    (
        "CREATE TABLE a (x int REFERENCES u (t_id))",
        "invalid_foreign_key",
        'there is no unique constraint matching given keys for referenced table "u"',
    ),
    (
        "CREATE TABLE a (x text REFERENCES t)",
        "datatype_mismatch",
        'foreign key constraint "a_x_fkey" cannot be implemented',
    ),
    (
        "CREATE TABLE a (x int PRIMARY KEY, y int PRIMARY KEY)",
        "invalid_table_definition",
        'multiple primary keys for table "a" are not allowed',
    ),
    ("CREATE TABLE a (x int DEFAULT y)", "feature_not_supported", None),
    ("CREATE TABLE a (x int, UNIQUE (y))", "undefined_column", None),
    (
        "DROP TABLE t",
        "dependent_objects_still_exist",
        "cannot drop table t because other objects depend on it",
    ),
    ("DROP TABLE nope", "undefined_table", 'table "nope" does not exist'),
    ("DROP VIEW t", "wrong_object_type", '"t" is not a view'),
    ("DROP SCHEMA other", "dependent_objects_still_exist", None),
    ("ALTER TABLE nope ADD x int", "undefined_table", 'relation "nope" does not exist'),
    ("ALTER TABLE u ADD v int", "duplicate_column", None),
    (
        "ALTER TABLE u ALTER v TYPE int",
        "datatype_mismatch",
        'column "v" cannot be cast automatically to type integer',
    ),
    ("ALTER TABLE t DROP CONSTRAINT t_pkey", "dependent_objects_still_exist", None),
    ("CREATE INDEX ON t ((now()))", "invalid_object_definition", None),
    ("TRUNCATE t", "feature_not_supported", None),
]


@pytest.mark.parametrize(("text", "code", "message"), REFUSED)
def test_refuses(text: str, code: str, message: str | None) -> None:
    with pytest.raises(FivefoldError) as caught:
        lower(text, CONTEXT)
    assert caught.value.code == code
    assert message is None or caught.value.message == message


def test_drop_cascades_and_tells() -> None:
    schema = lowered("DROP TABLE t CASCADE")
    assert [notice.message for notice in schema.notices] == ["drop cascades to 2 other objects"]
    assert schema.notices[0].detail == (
        "drop cascades to constraint t_t_id_fkey on table other.t\ndrop cascades to view w"
    )
    assert [type(change) for change in schema.changes] == [AlterTable, DropContainer, DropContainer]


def test_rename_column_follows_everywhere() -> None:
    change = lowered("ALTER TABLE g RENAME a TO b").changes[0]
    assert isinstance(change, AlterTable)
    assert change.renamed == (("a", "b"),)
    assert change.new.columns[2].generated == "b * 2"
