"""Rules that the kit's copy here does not ask, asked over the language in the same way."""

from __future__ import annotations

import pytest

from tests.tck.backends import GivenProcedure, Refused
from tests.tck.embedded import Embedded


def test_a_parameter_that_a_call_takes_by_its_name_is_missing() -> None:
    backend = Embedded()
    backend.add_procedure(
        GivenProcedure(
            "test.out", (("in", "INTEGER?"),), (("out", "INTEGER?"),), ({"in": 1, "out": 2},)
        )
    )
    assert backend.run("CALL test.out", {"in": 1}).rows == [[2]]
    with pytest.raises(Refused) as raised:
        backend.run("CALL test.out", {})
    error = raised.value
    assert (error.type, error.phase, error.detail) == (
        "ParameterMissing",
        "compile",
        "MissingParameter",
    )


def test_what_fails_leaves_the_graph_as_it_was() -> None:
    backend = Embedded()
    backend.run("CREATE (:A {n: 1})-[:T]->(:B)", {})
    before = backend.snapshot()
    with pytest.raises(Refused, match="DeleteConnectedNode"):
        backend.run("MATCH (a:A) SET a.n = 2 DELETE a", {})
    assert backend.snapshot() == before
