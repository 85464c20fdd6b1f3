"""What statements answer, beside a real PostgreSQL 15: types, rows, tags and errors, as text.

Each file of ``statements/run`` is a topic with tables of its own: one statement a line, run in
order on an empty database of both. Rows are compared in order if the statement has an ORDER BY,
sorted if it has none outside of parentheses. ``- `` before a statement says that the embedded
store refuses it (0A000): PostgreSQL is not asked. ``* `` compares the embedded store alone: the
catalogs of a database that lies in PostgreSQL are its own. Lines with ``#`` are comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.pq import DiagnosticField as Field
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

import fivefold
from tests import servers

Answer = tuple[object, ...]
Connection = psycopg.Connection[tuple[object, ...]]

FILES = sorted((Path(__file__).parent / "statements/run").glob("*.txt"))
FIRST_OID_OF_USERS = 16384
FIELDS = (
    Field.SQLSTATE,
    Field.MESSAGE_PRIMARY,
    Field.MESSAGE_DETAIL,
    Field.MESSAGE_HINT,
    Field.STATEMENT_POSITION,
    Field.TABLE_NAME,
    Field.COLUMN_NAME,
    Field.CONSTRAINT_NAME,
)


@pytest.fixture
def connections(
    postgres_server: servers.Server, store_url: str
) -> Iterator[tuple[Connection, Connection]]:
    with (
        servers.fresh_database(postgres_server.url) as url,
        psycopg.connect(url, autocommit=True) as theirs,
        fivefold.serving(store_url, only=["postgres"]) as server,
        psycopg.connect(server.urls["postgres"], autocommit=True) as ours,
    ):
        yield theirs, ours


def answer(connection: Connection, text: str) -> Answer:
    """Return what a statement says, comparable between two servers."""
    return told(connection.pgconn.exec_params(text.encode(), None), text)


def told(result: PGresult, text: str) -> Answer:
    """Return what a result of a statement says."""
    if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        found = [result.error_field(field) for field in FIELDS]
        return ("error", *[None if one is None else one.decode() for one in found])
    columns = [
        ((result.fname(i) or b"").decode(), _type(result.ftype(i)), result.fmod(i))
        for i in range(result.nfields)
    ]
    rows = [
        tuple(
            None if value is None else value.decode()
            for value in [result.get_value(row, i) for i in range(result.nfields)]
        )
        for row in range(result.ntuples)
    ]
    if not _is_ordered(text):
        rows.sort(key=repr)
    return ((result.command_status or b"").decode(), columns, rows)


def _is_ordered(text: str) -> bool:
    """Say whether a statement has an ORDER BY outside of all parentheses."""
    flat = text.lower()
    while "(" in flat:
        flat, before = re.sub(r"\([^()]*\)", "", flat), flat
        if flat == before:
            break
    return "order by" in flat


def _type(oid: int) -> object:
    return oid if oid < FIRST_OID_OF_USERS else "a user's"


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in FILES])
def test_answers_are_postgresqls(
    path: Path, connections: tuple[Connection, Connection], store_url: str
) -> None:
    theirs, ours = connections
    embedded = not store_url.startswith("postgresql://")
    differences = []
    for line in path.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        text = line.removeprefix("- ").removeprefix("* ")
        if text != line and not embedded:
            continue
        found = answer(ours, text)
        refused = line.startswith("- ")
        expected: Answer = ("error", "0A000") if refused else answer(theirs, text)
        if found[: len(expected)] != expected:
            differences.append(f"{line}\n  PostgreSQL: {expected}\n  fivefold:   {found}")
    assert not differences, f"{len(differences)} differences\n" + "\n".join(differences)
