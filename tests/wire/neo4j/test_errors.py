"""Errors as Neo4j's clients know them."""

from __future__ import annotations

from typing import Any

import neo4j.exceptions
import pytest

from fivefold import errors
from fivefold.errors import Conflict, Internal, InvalidStatement, ProtocolFault, Unavailable
from fivefold.values.graph.faults import DETAILS, fault
from fivefold.wire.neo4j.encode import Encoder
from fivefold.wire.neo4j.errors import CLASSES, STATUSES, failure, is_fatal, position, status_of
from fivefold.wire.neo4j.messages import Version
from fivefold.wire.neo4j.structures import VERSION_5

OLD, NEW = Version(5, 6), Version(5, 7)


def raised(error: errors.FivefoldError, version: Version = NEW) -> Any:
    """What the driver raises for an error."""
    metadata = failure(error, version)
    hydrate = neo4j.exceptions.Neo4jError
    return (hydrate._hydrate_gql if version >= NEW else hydrate._hydrate_neo4j)(**metadata)


def test_the_table_is_complete() -> None:
    assert set(STATUSES) == set(errors.CODES)


@pytest.mark.parametrize(
    "status", sorted({*STATUSES.values(), *(d.status for d in DETAILS.values())})
)
def test_statuses_have_the_form_of_neo4js(status: str) -> None:
    neo, kind, category, title = status.split(".")
    assert neo == "Neo"
    assert kind.removesuffix("Error") in CLASSES
    assert category.isalpha()
    assert title.isalpha()


@pytest.mark.parametrize("code", errors.CODES)
def test_every_error_can_be_said(code: str) -> None:
    error = errors.CODES[code]("the\nmessage\0", code, position=3)
    for version in (OLD, NEW):
        assert Encoder(VERSION_5).failure(failure(error, version, "RETURN 1"))
        assert raised(error, version).code == status_of(error)


@pytest.mark.parametrize("code", Conflict.codes)
def test_conflicts_are_tried_again(code: str) -> None:
    error = raised(Conflict("somebody was first", code))
    assert isinstance(error, neo4j.exceptions.TransientError)
    assert error.is_retryable()


CLASS_OF = {
    "UndefinedVariable": neo4j.exceptions.CypherSyntaxError,
    "InvalidPropertyType": neo4j.exceptions.CypherTypeError,
    "CreateBlockedByConstraint": neo4j.exceptions.ConstraintError,
    "DeleteConnectedNode": neo4j.exceptions.ConstraintError,
    "Forbidden": neo4j.exceptions.Forbidden,
    "DeadlockDetected": neo4j.exceptions.TransientError,
}


@pytest.mark.parametrize(("detail", "kind"), CLASS_OF.items())
def test_the_drivers_classes(detail: str, kind: type) -> None:
    assert type(raised(fault(detail, "no"))) is kind


@pytest.mark.parametrize("version", [OLD, NEW])
def test_the_kits_detail_comes_along(version: Version) -> None:
    error = raised(fault("InvalidArgumentType", "no", type="TypeError"), version)
    record = error.diagnostic_record if version >= NEW else error.metadata["diagnostic_record"]
    assert record["_detail"] == "InvalidArgumentType"
    assert record["_type"] == "TypeError"
    assert record["_phase"] == "runtime"
    assert error.code == "Neo.ClientError.Statement.TypeError"


def test_gql_status() -> None:
    error = raised(fault("UndefinedVariable", "Variable `x` not defined"))
    assert error.gql_status == "42001"
    assert error.gql_status_description == (
        "error: syntax error or access rule violation - invalid syntax. Variable `x` not defined"
    )
    assert error.gql_classification == "CLIENT_ERROR"
    assert raised(Internal("x")).gql_status == "50N42"


def test_where_in_the_query() -> None:
    query = "MATCH (n)\nRETURN x"
    said = failure(fault("UndefinedVariable", "Variable `x` not defined", at=17), NEW, query)
    assert said["message"] == (
        'Variable `x` not defined (line 2, column 8 (offset: 17))\n"RETURN x"\n        ^'
    )
    assert said["diagnostic_record"]["_position"] == {"offset": 17, "line": 2, "column": 8}
    assert position(query, 0) == {"offset": 0, "line": 1, "column": 1}
    assert position(query, len(query)) == {"offset": 18, "line": 2, "column": 9}


def test_hints_are_said() -> None:
    error = InvalidStatement("no", "syntax_error", hint="Say yes.")
    assert failure(error, OLD)["message"] == "no. Say yes."


def test_internal_errors_are_not_described() -> None:
    assert "secret" not in str(failure(Internal("/secret/path"), NEW))


def test_which_errors_close() -> None:
    assert is_fatal(ProtocolFault("x"))
    assert is_fatal(Unavailable("x", "shutting_down"))
    assert not is_fatal(Unavailable("x", "store_locked"))
    assert not is_fatal(Conflict("x"))
