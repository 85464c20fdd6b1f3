"""What texts are read as."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivefold.languages.cql import tree as t
from fivefold.languages.cql.parse import parse
from fivefold.languages.cql.parse.printing import quoted, relations_text, term_text
from fivefold.languages.cql.parse.tokens import KEYWORDS
from fivefold.values.records import Record


def same(a: object, b: object) -> bool:
    """Say whether trees are the same but for places."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, Record) and type(a) is type(b):
        names = [name for name in type(a).__match_args__ if name != "at"]
        return all(same(getattr(a, name), getattr(b, name)) for name in names)
    return a == b


def term_of(text: str) -> t.Term:
    statement = parse(f"SELECT {text} FROM x").statement
    assert isinstance(statement, t.Select)
    return statement.selectors[0].term


def column(name: str) -> t.ColumnName:
    return t.ColumnName(name)


def integer(text: str) -> t.Constant:
    return t.Constant("integer", text)


TERMS = {
    "Foo": column("foo"),
    '"Foo"': column("Foo"),
    "'it''s'": t.Constant("string", "it's"),
    "$$it's$$": t.Constant("string", "it's"),
    "-5": integer("-5"),
    "-1.5e3": t.Constant("float", "-1.5e3"),
    "NaN": t.Constant("float", "NaN"),
    "-Infinity": t.Constant("float", "-Infinity"),
    "TRUE": t.Constant("boolean", "true"),
    "null": t.Constant("null", "null"),
    "0xCAfe": t.Constant("hex", "0xCAfe"),
    "f81d4fae-7dec-11d0-a765-00a0c91e6bf6": t.Constant(
        "uuid", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
    ),
    "1y2mo3w4d5h6m7s8ms9us10ns": t.Constant("duration", "1y2mo3w4d5h6m7s8ms9us10ns"),
    "P1Y2M3DT4H": t.Constant("duration", "P1Y2M3DT4H"),
    "[1, 2]": t.ListLiteral((integer("1"), integer("2"))),
    "{}": t.SetLiteral(()),
    "{1}": t.SetLiteral((integer("1"),)),
    "{'a': 1}": t.MapLiteral(((t.Constant("string", "a"), integer("1")),)),
    "{a: 1}": t.UserLiteral((("a", integer("1")),)),
    "(1, ?)": t.TupleLiteral((integer("1"), t.Marker(0))),
    "count(*)": t.Call((None, "count"), (), True),
    "ks.f(a, 1)": t.Call(("ks", "f"), (column("a"), integer("1"))),
    "token(a, b)": t.Call((None, "token"), (column("a"), column("b"))),
    "CAST(a AS text)": t.Cast(column("a"), t.TypeName("text")),
    "(int) ?": t.TypeHint(t.TypeName("int"), t.Marker(0)),
    "(list<int>) [1]": t.TypeHint(
        t.TypeName("list", (t.TypeName("int"),)), t.ListLiteral((integer("1"),))
    ),
    "a.b.c": t.FieldOf(t.FieldOf(column("a"), "b"), "c"),
    "a[1]": t.ElementOf(column("a"), integer("1")),
    "a[1..2]": t.SliceOf(column("a"), integer("1"), integer("2")),
    "a[..2]": t.SliceOf(column("a"), None, integer("2")),
    "a + b * -c": t.Arithmetic(
        "+", column("a"), t.Arithmetic("*", column("b"), t.Negation(column("c")))
    ),
    "a - 1 - 2": t.Arithmetic("-", t.Arithmetic("-", column("a"), integer("1")), integer("2")),
}


@pytest.mark.parametrize("text", TERMS)
def test_term(text: str) -> None:
    assert same(term_of(text), TERMS[text])


@pytest.mark.parametrize("text", TERMS)
def test_printed_term_is_read_again(text: str) -> None:
    assert same(term_of(term_text(TERMS[text])), TERMS[text])


RELATIONS = (
    "a = 1 AND b > 'x' AND \"C\" <= ?",
    "a IN (1, 2) AND b IN ?",
    "a IN ()",
    "(a, b) > (1, 2) AND (a, b) IN ((1, 2), (3, 4))",
    "token(a, b) >= -5",
    "a CONTAINS 1 AND b CONTAINS KEY 'k' AND c['k'] = 5",
    "a IS NOT NULL AND b != 5",
)


@pytest.mark.parametrize("text", RELATIONS)
def test_relations_are_printed_as_they_were(text: str) -> None:
    statement = parse(f"SELECT * FROM x WHERE {text}").statement
    assert isinstance(statement, t.Select)
    assert relations_text(statement.where) == text


def test_select() -> None:
    found = parse(
        'select json distinct k as "K", writetime(v) from ks.t where k = :key group by k, c '
        "order by c desc, d asc per partition limit 2 limit ? allow filtering;"
    )
    select = found.statement
    assert isinstance(select, t.Select)
    assert (select.table, select.json, select.distinct) == (("ks", "t"), True, True)
    assert [each.alias for each in select.selectors] == ["K", None]
    assert [(each.column.name, each.descending) for each in select.order_by] == [
        ("c", True),
        ("d", False),
    ]
    assert same(select.group_by, (column("k"), column("c")))
    assert same(select.per_partition_limit, integer("2"))
    assert [(each.number, each.name) for each in found.markers] == [(0, "key"), (1, None)]
    assert select.allow_filtering


def test_words_of_select_may_be_columns() -> None:
    select = parse("SELECT json, distinct, key, ttl FROM x").statement
    assert isinstance(select, t.Select)
    names = [each.term.name for each in select.selectors if isinstance(each.term, t.ColumnName)]
    assert names == ["json", "distinct", "key", "ttl"]


def test_assignments() -> None:
    update = parse(
        "UPDATE x USING TTL 5 AND TIMESTAMP ? SET a = 1 + 2, b = b + [1], c = [1] + c, d -= {2}, "
        "e += 1, f['k'] = 5, g.h = null, i = i - {3} WHERE k = 1 IF a = 1 AND f['k'] > 2"
    ).statement
    assert isinstance(update, t.Update)
    assert [
        (each.column.name, each.operator, each.key is not None, each.field)
        for each in update.assignments
    ] == [
        ("a", "=", False, None),
        ("b", "+", False, None),
        ("c", "prepend", False, None),
        ("d", "-", False, None),
        ("e", "+", False, None),
        ("f", "=", True, None),
        ("g", "=", False, "h"),
        ("i", "-", False, None),
    ]
    assert same(update.ttl, integer("5"))
    assert len(update.conditions) == 2
    assert not update.if_exists


def test_batch() -> None:
    batch = parse(
        "BEGIN UNLOGGED BATCH USING TIMESTAMP 5 INSERT INTO x (a) VALUES (1); "
        "DELETE a, b['k'], c.d FROM x WHERE k = 1 IF EXISTS UPDATE x SET a = 1 WHERE k = 2; "
        "APPLY BATCH;"
    ).statement
    assert isinstance(batch, t.Batch)
    assert batch.kind == "unlogged"
    assert [type(each).__name__ for each in batch.statements] == ["Insert", "Delete", "Update"]


def test_create_table() -> None:
    table = parse(
        "CREATE TABLE IF NOT EXISTS ks.t (a int, b frozen<map<text, list<ks.u>>>, c timeuuid, "
        "s text STATIC, v vector<float, 3>, PRIMARY KEY ((a, b), c)) WITH CLUSTERING ORDER BY "
        "(c DESC) AND comment = 'x' AND caching = {'keys': 'ALL'} AND gc_grace_seconds = 5"
    ).statement
    assert isinstance(table, t.CreateTable)
    assert table.if_not_exists
    assert (table.partition_key, table.clustering) == (("a", "b"), ("c",))
    assert table.clustering_order == (("c", True),)
    assert [each.static for each in table.columns] == [False, False, False, True, False]
    assert [name for name, _ in table.options] == ["comment", "caching", "gc_grace_seconds"]
    assert table.columns[1].type.frozen
    assert table.columns[4].type.number == 3


def test_administration_is_named() -> None:
    found = parse("GRANT SELECT ON ALL KEYSPACES TO bob;").statement
    assert same(found, t.Administration("permissions", "GRANT SELECT ON ALL KEYSPACES TO bob;"))


@given(st.text(min_size=1, max_size=10).filter(lambda text: "\0" not in text))
def test_quoted_names_are_read_again(name: str) -> None:
    assert same(term_of(quoted(name)), column(name))


def test_reserved_words_are_quoted() -> None:
    assert {quoted(word.lower()) for word in KEYWORDS} == {f'"{word.lower()}"' for word in KEYWORDS}
