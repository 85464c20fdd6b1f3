"""Beside PostgreSQL: each numbered difference is one still, and nothing around it differs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from psycopg.pq import DiagnosticField, ExecStatus

import fivefold
from fivefold.engine import session as session_module
from tests import servers
from tests.differences.cases import Ask, read, wrong

CASES = read(Path(__file__).with_name("postgres.txt"))
URLS = tuple[str, str]


@pytest.fixture(scope="module")
def urls(
    postgres_server: servers.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[URLS]:
    """A database of PostgreSQL's and one of fivefold's."""
    file = tmp_path_factory.mktemp("differences") / "shop.db"
    with (
        servers.fresh_database(postgres_server.url) as theirs,
        fivefold.serving(file, durability="off") as serving,
    ):
        yield theirs, serving.urls["postgres"]


def asking(url: str, stack: ExitStack) -> Ask:
    """Statements of the sessions of one side; each connects when it is first named."""
    connections: dict[str, psycopg.Connection[tuple[object, ...]]] = {}

    def ask(session: str, text: str) -> str:
        if session not in connections:
            made = stack.enter_context(psycopg.connect(url, autocommit=True))
            made.execute("SET timezone = 'UTC'; SET lock_timeout = '100ms'")
            connections[session] = made
        return answer(connections[session].pgconn, text)

    return ask


def answer(connection: psycopg.pq.abc.PGconn, text: str) -> str:
    """Rows ``1|a ; 2|b``, ``(no rows)``, the command's tag, or what the error says."""
    result = connection.exec_(text.encode())
    if result.status == ExecStatus.FATAL_ERROR:
        fields = [
            (f"{name} {value.decode()}")
            for name, field in (
                ("ERROR", DiagnosticField.SQLSTATE),
                ("-", DiagnosticField.MESSAGE_PRIMARY),
                ("AT", DiagnosticField.STATEMENT_POSITION),
                ("DETAIL", DiagnosticField.MESSAGE_DETAIL),
                ("HINT", DiagnosticField.MESSAGE_HINT),
                ("CONTEXT", DiagnosticField.CONTEXT),
            )
            if (value := result.error_field(field)) is not None
        ]
        return " ".join(fields)
    if result.status != ExecStatus.TUPLES_OK:
        return (result.command_status or b"").decode()
    rows = [
        "|".join(
            (result.get_value(row, column) or b"NULL").decode() for column in range(result.nfields)
        )
        for row in range(result.ntuples)
    ]
    return " ; ".join(rows) or "(no rows)"


@pytest.mark.parametrize("number", CASES)
def test_differs(urls: URLS, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "WRITER_WAIT_SECONDS", 0.1)
    with ExitStack() as stack:
        theirs, ours = (asking(url, stack) for url in urls)
        faults = wrong(CASES[number], theirs, ours)
    assert not faults, "\n".join(faults)
