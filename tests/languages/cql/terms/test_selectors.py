"""Selectors over a row, and what Cassandra calls their columns."""

from __future__ import annotations

from tests.languages.cql.terms.rig import value_of


def test_a_column_is_passed_on() -> None:
    value, selected = value_of("n")
    assert (value, selected.name, selected.column, selected.columns) == (42, "n", "n", ("n",))
