"""Decimals and integers against PostgreSQL's own, on values that hypothesis thinks of."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fivefold.errors import InvalidValue
from fivefold.stores.sqlite.functions import numbers, numeric
from tests.servers import Server

EXAMPLES = 8
BATCH = 40

digits = st.text("0123456789", min_size=1, max_size=22)
numerics = st.builds(
    lambda sign, whole, fraction: sign + (whole.lstrip("0") or "0") + fraction,
    st.sampled_from(["", "-"]),
    digits,
    st.one_of(st.just(""), digits.map(lambda text: f".{text}")),
).map(lambda text: text.removeprefix("-") if not text.strip("-0.") else text)
batches = st.lists(st.tuples(numerics, numerics), min_size=BATCH, max_size=BATCH)
edges = st.sampled_from([-(2**31), -(2**31) + 1, -46341, -2, -1, 0, 1, 2, 46340, 46341, 2**31 - 1])
integers = st.one_of(edges, st.integers(-(2**31), 2**31 - 1))

BINARY = {
    "+": numeric.plus,
    "-": numeric.minus,
    "*": numeric.times,
    "/": numeric.over,
    "%": numeric.modulo,
}
quick = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def peer(postgres_server: Server) -> Iterator[psycopg.Connection[tuple[str, ...]]]:
    with psycopg.connect(postgres_server.url, autocommit=True) as found:
        yield found


def asked(peer: psycopg.Connection[tuple[str, ...]], expressions: list[str]) -> list[str]:
    query = "SELECT " + ", ".join([f"({one})::text" for one in expressions])
    row = peer.execute(query).fetchone()
    assert row is not None
    return list(row)


@pytest.mark.parametrize("sign", BINARY)
@quick
@given(pairs=batches)
def test_arithmetic(
    sign: str, pairs: list[tuple[str, str]], peer: psycopg.Connection[tuple[str, ...]]
) -> None:
    if sign in "/%":
        pairs = [(a, b) for a, b in pairs if b.strip("-0.")]
    wanted = asked(peer, [f"'{a}'::numeric {sign} '{b}'::numeric" for a, b in pairs])
    assert [BINARY[sign](a, b) for a, b in pairs] == wanted


@pytest.mark.parametrize("name", ["round", "trunc"])
@quick
@given(pairs=st.lists(st.tuples(numerics, st.integers(-5, 12)), min_size=BATCH, max_size=BATCH))
def test_scales(
    name: str, pairs: list[tuple[str, int]], peer: psycopg.Connection[tuple[str, ...]]
) -> None:
    ours = {"round": numeric.round_to, "trunc": numeric.truncate}[name]
    wanted = asked(peer, [f"{name}('{a}'::numeric, {scale})" for a, scale in pairs])
    assert [ours(a, scale) for a, scale in pairs] == wanted


@pytest.mark.parametrize("name", ["ceil", "floor", "sign", "sqrt", "ln"])
@quick
@given(values=st.lists(numerics, min_size=BATCH, max_size=BATCH))
def test_functions_of_one(
    name: str, values: list[str], peer: psycopg.Connection[tuple[str, ...]]
) -> None:
    ours = {
        "ceil": numeric.ceiling,
        "floor": numeric.floor,
        "sign": numeric.sign,
        "sqrt": numeric.square_root,
        "ln": numeric.natural_log,
    }[name]
    if name in ("sqrt", "ln"):
        values = [value.removeprefix("-") for value in values if value.strip("-0.")]
    assert [ours(value) for value in values] == asked(
        peer, [f"{name}('{value}'::numeric)" for value in values]
    )


@pytest.mark.parametrize("word", ["plus", "minus", "times", "over", "modulo"])
@settings(max_examples=150, derandomize=True, deadline=None)
@given(a=integers, b=integers)
def test_integer_steps_know_their_range(word: str, a: int, b: int) -> None:
    step = {entry.name: entry.function for entry in numbers.FUNCTIONS}[f"ff_{word}_int4"]
    exact: Callable[[], int] = {
        "plus": lambda: a + b,
        "minus": lambda: a - b,
        "times": lambda: a * b,
        "over": lambda: int(a / b),
        "modulo": lambda: a - b * int(a / b),
    }[word]
    try:
        wanted = exact()
    except ZeroDivisionError:
        with pytest.raises(InvalidValue, match="division by zero"):
            step(a, b)
        return
    if -(2**31) <= wanted < 2**31:
        assert step(a, b) == wanted
    else:
        with pytest.raises(InvalidValue, match="integer out of range"):
            step(a, b)
