"""The functions are whole: every signature of the language has one, each is registered."""

from __future__ import annotations

import apsw
import pytest

from fivefold.languages.sql.functions import FUNCTIONS
from fivefold.languages.sql.operators import OPERATORS
from fivefold.languages.sql.signatures import Form, Function, Pseudo
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions import registry
from fivefold.stores.sqlite.functions.aggregates import AGGREGATES as AGGREGATE_FUNCTIONS
from fivefold.stores.sqlite.functions.codes import code_of, type_of_code
from fivefold.stores.sqlite.functions.names import NAMES
from fivefold.stores.sqlite.gaps import NATIVE
from fivefold.stores.sqlite.render.aggregates import AGGREGATES
from fivefold.stores.sqlite.render.calls import SPECIALS, implementation
from fivefold.values.types import INT4, Kind, Type, array_of

PSEUDO_KINDS = {Pseudo.ARRAY: Kind.ARRAY, Pseudo.COMPATIBLE_ARRAY: Kind.ARRAY}
WRITTEN_IN_PLACE = frozenset({"generate_series", "unnest"})
# Only the catalog knows which sequence a column owns; the store says that it cannot.
ABSENT = frozenset({"pg_get_serial_sequence"})


def kinds_of(function: Function) -> list[Kind]:
    return [
        one.kind if isinstance(one, Type) else PSEUDO_KINDS.get(one, Kind.INT4)
        for one in function.arguments
    ]


@pytest.fixture(scope="module")
def known() -> frozenset[str]:
    raw = apsw.Connection(":memory:")
    registry.register(raw, Context())
    return frozenset(str(row[0]) for row in raw.execute("SELECT name FROM pragma_function_list"))


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda one: f"{one.name}{one.arguments}")
def test_every_signature_has_an_implementation(function: Function, known: frozenset[str]) -> None:
    if function.form is Form.AGGREGATE:
        assert function.name in AGGREGATES
    elif function.form is Form.ORDERED:
        assert f"ff_{function.name}" in AGGREGATE_FUNCTIONS
    elif function.form is Form.WINDOW:
        assert function.name in NATIVE & known
    elif function.name not in SPECIALS and function.name not in WRITTEN_IN_PLACE | ABSENT:
        assert implementation(function.name, kinds_of(function)) in known


def test_every_operator_that_is_a_function_has_an_implementation(known: frozenset[str]) -> None:
    for operator in OPERATORS:
        if operator.node[0].islower():
            sides = [one for one in (operator.left, operator.right) if one is not None]
            kinds = kinds_of(Function("", tuple(sides), INT4))
            assert implementation(operator.node, kinds) in known, operator


def test_the_names_known_without_the_functions_are_theirs() -> None:
    registered = {entry.name for entry in registry.FUNCTIONS} | set(AGGREGATE_FUNCTIONS)
    assert sorted(registered ^ NAMES) == []


def test_names_hide_nothing_of_sqlite() -> None:
    assert all(name.startswith("ff_") for name in NAMES)


@pytest.mark.parametrize(
    "type_",
    [INT4, Type(Kind.VARCHAR, length=10), Type(Kind.NUMERIC, precision=6, scale=2),
     Type(Kind.TIMESTAMP, precision=3), array_of(Type(Kind.NUMERIC, precision=3, scale=0))],
)  # fmt: skip
def test_codes_of_types(type_: Type) -> None:
    assert type_of_code(code_of(type_)) == type_
