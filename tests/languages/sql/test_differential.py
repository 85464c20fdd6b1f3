"""Our parse analysis beside a real PostgreSQL 15's: output names and types, or code and message.

The files of ``statements/prepared`` hold one statement a line, a topic a file. PostgreSQL only
prepares each, so no rows are needed. What we do not build yet must say so (0A000); any other
difference fails. What statements answer is compared by test_answers.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fivefold.errors import FivefoldError, Unsupported
from fivefold.languages.sql import commands
from fivefold.languages.sql.lower import lower
from tests import servers
from tests.languages.sql.world import CONTEXT, DDL

STATEMENTS = [
    line
    for path in sorted((Path(__file__).parent / "statements/prepared").glob("*.txt"))
    for line in path.read_text().splitlines()
    if line and not line.startswith("#")
]
SQLSTATES = {
    "22P02": "invalid_text_representation", "42P01": "undefined_table",
    "42703": "undefined_column", "42883": "undefined_function", "42702": "ambiguous_column",
    "42804": "datatype_mismatch", "42803": "grouping_error", "42601": "syntax_error",
    "42701": "duplicate_column", "42712": "duplicate_alias", "42P18": "indeterminate_datatype",
    "42846": "cannot_coerce", "42704": "undefined_object", "42809": "wrong_object_type",
    "42P10": "invalid_column_reference", "42P20": "windowing_error", "42725": "ambiguous_function",
    "428C9": "generated_always", "42P19": "invalid_recursion", "22007": "invalid_datetime_format",
    "22008": "datetime_field_overflow", "22003": "numeric_value_out_of_range",
    "42P08": "ambiguous_parameter", "0A000": "feature_not_supported",
    "42P02": "undefined_parameter", "22023": "invalid_parameter_value",
    "22021": "character_not_in_repertoire",
}  # fmt: skip
Answer = tuple[object, ...]

# PostgreSQL looks for the arbiter of ON CONFLICT only when it plans, and points elsewhere in these.
KNOWN = {
    "INSERT INTO u (v) VALUES ('a') ON CONFLICT (f) DO NOTHING",
    "INSERT INTO u (v) VALUES ('a') ON CONFLICT (nope) DO NOTHING",
    "SELECT nope.foo(1)",
}


@pytest.fixture(scope="module")
def peer(postgres_server: servers.Server) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with (
        servers.fresh_database(postgres_server.url) as url,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        for text in DDL:
            connection.execute(text)
        yield connection


def theirs(peer: psycopg.Connection[tuple[object, ...]], text: str) -> Answer:
    prepared = peer.pgconn.prepare(b"", text.encode())
    if prepared.status != psycopg.pq.ExecStatus.COMMAND_OK:
        field = psycopg.pq.DiagnosticField
        state = (prepared.error_field(field.SQLSTATE) or b"").decode()
        message = (prepared.error_field(field.MESSAGE_PRIMARY) or b"").decode()
        position = prepared.error_field(field.STATEMENT_POSITION)
        return (SQLSTATES.get(state, state), message, None if position is None else int(position))
    shown = peer.pgconn.describe_prepared(b"")
    names = [(shown.fname(i) or b"").decode() for i in range(shown.nfields)]
    types = [_type_name(peer, shown.ftype(i), shown.fmod(i)) for i in range(shown.nfields)]
    given = [_type_name(peer, shown.param_type(i), -1) for i in range(shown.nparams)]
    return ("ok", list(zip(names, types, strict=True)), given)


_NAMES: dict[tuple[int, int], str] = {}


def _type_name(peer: psycopg.Connection[tuple[object, ...]], oid: int, modifier: int) -> str:
    if (oid, modifier) not in _NAMES:
        row = peer.execute("SELECT format_type(%s, %s)", (oid, modifier)).fetchone()
        assert row is not None
        _NAMES[oid, modifier] = str(row[0]).replace("bpchar", "character")
    return _NAMES[oid, modifier]


def ours(text: str) -> Answer:
    try:
        command = lower(text, CONTEXT)
    except FivefoldError as error:
        return (error.code, error.message, error.position)
    assert isinstance(command, commands.Query), command
    statement = command.statement
    outputs = [(output.name, str(output.type)) for output in statement.outputs or ()]
    given = [str(type_) for type_ in statement.parameters[: command.declared]]
    return ("ok", outputs, given)


def test_answers_as_postgresql_does(peer: psycopg.Connection[tuple[object, ...]]) -> None:
    differences = []
    for text in STATEMENTS:
        expected, found = theirs(peer, text), ours(text)
        if expected == found or found[0] == "feature_not_supported" or text in KNOWN:
            continue
        differences.append(f"{text}\n  PostgreSQL: {expected}\n  fivefold:   {found}")
    assert not differences, f"{len(differences)} differences\n" + "\n".join(differences)


def test_little_is_unsupported() -> None:
    refused = []
    for text in STATEMENTS:
        try:
            lower(text, CONTEXT)
        except Unsupported:
            refused.append(text)
        except FivefoldError:
            pass
    assert len(refused) <= len(STATEMENTS) // 10, refused
