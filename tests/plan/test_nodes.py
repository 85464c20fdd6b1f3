"""Nodes of bound trees: what is equal, what is walked, what a copy shares."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fivefold.plan import nodes as exp


def name(text: str) -> exp.Identifier:
    return exp.Identifier(this=text)


def column(source: str, text: str) -> exp.Column:
    return exp.Column(this=name(text), table=name(source))


def number(value: int) -> exp.Literal:
    return exp.Literal(this=str(value), is_string=False)


def call(*arguments: exp.Expr) -> exp.Anonymous:
    return exp.Anonymous(this="f", expressions=list(arguments))


ONE, TWO = number(1), number(2)
ALIKE: list[tuple[exp.Expr, exp.Expr, bool]] = [
    (column("t", "a"), column("t", "a"), True),
    (column("t", "a"), column("t", "A"), False),
    (column("t", "a"), column("u", "a"), False),
    (ONE, exp.Literal(this="1", is_string=True), False),
    (exp.Add(this=ONE, expression=TWO), exp.Sub(this=ONE, expression=TWO), False),
    (call(), exp.Anonymous(this="f"), True),
    (call(ONE), call(), False),
    (call(ONE), call(ONE, ONE), False),
    (exp.Ordered(this=ONE, desc=False), exp.Ordered(this=ONE), True),
    (exp.Boolean(this=True), exp.Boolean(this=False), False),
    (exp.Cast(this=ONE, to="text"), exp.Cast(this=ONE, to="date"), False),
]


@pytest.mark.parametrize(("one", "other", "equal"), ALIKE)
def test_nodes_are_equal_that_say_the_same(one: exp.Expr, other: exp.Expr, equal: bool) -> None:
    assert (one == other) is equal
    assert (one != other) is not equal
    if equal:
        assert hash(one) == hash(other)


def test_types_and_places_do_not_count() -> None:
    one, other = number(1), number(1)
    one.meta["type"], other.meta["at"] = "int4", 7
    assert one == other


def test_a_walk_goes_from_near_to_far() -> None:
    tree = exp.And(
        this=exp.Paren(this=column("t", "a")),
        expression=exp.In(this=column("t", "b"), expressions=[number(1), number(2)]),
    )
    assert [node.key for node in tree.walk()] == [
        "and", "paren", "in", "column", "column", "literal", "literal",
        "identifier", "identifier", "identifier", "identifier",
    ]  # fmt: skip
    pruned = tree.walk(prune=lambda node: isinstance(node, exp.In | exp.Column))
    assert [node.key for node in pruned] == ["and", "paren", "in", "column"]
    assert [found.name for found in tree.find_all(exp.Column)] == ["a", "b"]
    assert tree.find(exp.Subquery) is None


def test_a_copy_shares_nothing_that_changes() -> None:
    tree = exp.In(this=column("t", "a"), expressions=[number(1)])
    tree.meta["type"] = "bool"
    copied = tree.copy()
    assert copied == tree
    assert copied.meta == tree.meta
    for one, other in zip(tree.walk(), copied.walk(), strict=True):
        assert one is not other
        assert one.meta is not other.meta
    copied.expressions.append(number(2))
    copied.this.set("table", None)
    assert tree == exp.In(this=column("t", "a"), expressions=[number(1)])


def test_what_replaces_a_node_stands_wherever_it_stood() -> None:
    literal = number(5)
    tree = exp.And(
        this=exp.EQ(this=column("t", "a"), expression=literal),
        expression=exp.In(this=column("t", "b"), expressions=[literal, number(6)]),
    )
    parameter = exp.Parameter(this=number(1))
    tree.replace_all(lambda node: parameter if node is literal else None)
    assert tree.this.expression is parameter
    assert tree.expression.expressions == [parameter, number(6)]


NAMED: list[tuple[exp.Expr, str, str]] = [
    (column("t", "a"), "a", ""),
    (exp.Alias(this=number(1), alias=name("one")), "1", "one"),
    (exp.Table(this=name("t"), db=name("public")), "t", ""),
    (exp.Table(this=name("t"), alias=exp.TableAlias(this=name("x"))), "t", "x"),
    (exp.Table(this=exp.Anonymous(this="unnest")), "", ""),
    (exp.Cast(this=number(7), to="text"), "7", ""),
    (exp.Select(expressions=[]), "", ""),
]


@pytest.mark.parametrize(("node", "called", "alias"), NAMED)
def test_names(node: exp.Expr, called: str, alias: str) -> None:
    assert (node.name, node.alias, node.alias_or_name) == (called, alias, alias or called)


def test_the_outputs_of_a_query_are_those_of_its_first_part() -> None:
    first = exp.Select(expressions=[number(1), number(2)])
    values = exp.Values(expressions=[exp.Tuple(expressions=[number(3)])])
    union = exp.Union(this=exp.Subquery(this=first), expression=first, distinct=True)
    assert exp.Subquery(this=union).selects == [number(1), number(2)]
    assert exp.Subquery(this=values).selects == [number(3)]


def _chain(length: int) -> exp.Expr:
    node: exp.Expr = column("t", "a")
    for index in range(length):
        node = exp.And(this=node, expression=number(index))
    return node


@pytest.mark.parametrize(
    "work",
    [
        lambda tree: tree.copy(),
        lambda tree: tree == _chain(20_000),
        lambda tree: hash(tree),
        lambda tree: sum(1 for _ in tree.walk()),
        lambda tree: tree.replace_all(lambda node: None),
    ],
)
def test_long_chains_need_no_recursion(work: Callable[[exp.Expr], object]) -> None:
    assert work(_chain(20_000)) is not False
