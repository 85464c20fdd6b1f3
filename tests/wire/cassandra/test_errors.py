"""Errors as Cassandra's clients know them, read by the driver's own decoder."""

from __future__ import annotations

import io
from typing import Any

import cassandra
import pytest
from cassandra.protocol import ErrorMessage, WriteTimeoutErrorMessage

from fivefold import errors
from fivefold.errors import Conflict, FivefoldError, Internal, Limit, ProtocolFault, Unavailable
from fivefold.values.cql import faults
from fivefold.wire.cassandra.errors import FIELDS, NUMBERS, encode_error, is_fatal, number_of

VERSIONS = (3, 4, 5)


def heard(error: FivefoldError, version: int = 5, consistency: int = 6) -> Any:
    """What the driver makes of an error; all of its bytes are read."""
    stream = io.BytesIO(encode_error(error, consistency, version))
    found = ErrorMessage.recv_body(stream, version, {}, None, None)
    assert not stream.read()
    return found


def test_the_table_is_complete() -> None:
    assert set(NUMBERS) == set(errors.CODES)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("code", errors.CODES)
def test_every_error_can_be_said(code: str, version: int) -> None:
    error = errors.CODES[code]("the\nmessage\0é", code, position=3)
    found = heard(error, version)
    assert found.code == number_of(error, version) == NUMBERS[code]
    shown = "the server failed" if code == "internal_error" else "the\nmessage\0é"
    assert shown in found.message
    assert found.__class__ is not ErrorMessage


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("number", sorted(FIELDS))
def test_every_number_has_its_fields(number: int, version: int) -> None:
    error = faults.invalid("x")
    error.number = number
    error.facts = {"keyspace": "ks", "table": "t", "function": "f", "types": (), "id": b"12"}
    assert heard(error, version).code == number_of(error, version)


def test_fields() -> None:
    exists = heard(faults.already_exists("there", "ks", "t")).to_exception()
    assert isinstance(exists, cassandra.AlreadyExists)
    assert (exists.keyspace, exists.table) == ("ks", "t")
    failed = heard(faults.function_failed("boom", "ks", "f", ("int", "text"))).to_exception()
    assert isinstance(failed, cassandra.FunctionFailure)
    assert (failed.keyspace, failed.function, failed.arg_types) == ("ks", "f", ["int", "text"])
    assert heard(faults.unprepared(b"an id")).info == b"an id"
    late = heard(Conflict("somebody was first"))
    assert isinstance(late, WriteTimeoutErrorMessage)
    assert late.info["consistency"] == 6
    assert late.info["required_responses"] == 1
    away = heard(Unavailable("gone", "store_unreachable"))
    assert away.info == {"consistency": 6, "required_replicas": 1, "alive_replicas": 0}


def test_version_3_knows_fewer() -> None:
    failed = faults.function_failed("boom", "ks", "f", ("int",))
    assert number_of(failed, 3) == faults.INVALID
    assert number_of(failed, 4) == faults.FUNCTION_FAILURE
    assert heard(failed, 3).message == "boom"


def test_messages() -> None:
    assert "secret" not in heard(Internal("/secret/path")).message
    assert heard(Limit("too much", hint="Do less.")).message == "too much. Do less."
    long = heard(ProtocolFault("é" * 70_000)).message
    assert len(long.encode()) in (65_534, 65_535)


def test_which_errors_close() -> None:
    assert is_fatal(Unavailable("x", "shutting_down"))
    assert is_fatal(Limit("x", "too_many_connections"))
    assert not is_fatal(ProtocolFault("x"))
    assert not is_fatal(Conflict("x"))
