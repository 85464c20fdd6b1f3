"""Signs, comments and the numbers after USING, by Cassandra 5's grammar (Lexer.g, Parser.g)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fivefold.errors import FivefoldError
from tests.scripting_cassandra import CassandraInterpreter

INSERT = "INSERT INTO s.t (k, c, v) VALUES (1, 1, {})"
BATCH = (
    "BEGIN BATCH {} WHERE k = 1 AND c IN (1, 2);"
    " INSERT INTO s.t (k, c) VALUES (1, 3) IF NOT EXISTS; APPLY BATCH"
)
IN_CLUSTERING = "IN on the clustering key columns is not supported with conditional {}"


@pytest.fixture
def cql() -> Iterator[CassandraInterpreter]:
    interpreter = CassandraInterpreter(":memory:")
    interpreter.run("", "CREATE TABLE s.t (k int, c int, v int, PRIMARY KEY (k, c))", frozenset())
    yield interpreter
    interpreter.close()


def run(cql: CassandraInterpreter, statement: str) -> str:
    return cql.run("", statement, frozenset())


@pytest.mark.parametrize("text", ["(int)-7", "(int) -7", "-7"])
def test_a_hint_before_a_sign(cql: CassandraInterpreter, text: str) -> None:
    run(cql, INSERT.format(text))
    assert run(cql, "SELECT v FROM s.t") == "v: -7"
    assert run(cql, "SELECT (int) -7 AS a FROM s.t") == "a: -7"


def test_a_term_in_brackets_before_a_minus(cql: CassandraInterpreter) -> None:
    run(cql, INSERT.format("9"))
    assert run(cql, "SELECT v FROM s.t WHERE k = (int) 3 - 2") == "v: 9"


@pytest.mark.parametrize("text", ["5-3", "5 -3", "5 - 3"])
def test_differences_need_no_spaces(cql: CassandraInterpreter, text: str) -> None:
    run(cql, INSERT.format(text))
    assert run(cql, "SELECT v FROM s.t") == "v: 2"


@pytest.mark.parametrize("end", [" -- end", " // end", "; -- end", "\n-- end\n", " /* end */"])
def test_a_comment_may_end_a_statement(cql: CassandraInterpreter, end: str) -> None:
    run(cql, INSERT.format("4") + end)
    assert run(cql, f"SELECT v FROM s.t{end}") == "v: 4"


@pytest.mark.parametrize("value", ["null", "'a'", "1.5", "1s", "(int) 5", "[1]", "- 5"])
@pytest.mark.parametrize("what", ["TTL", "TIMESTAMP"])
def test_using_takes_whole_numbers(cql: CassandraInterpreter, what: str, value: str) -> None:
    statements = [INSERT.format(1) + f" USING {what} {value}"]
    statements.append(f"UPDATE s.t USING {what} {value} SET v = 1 WHERE k = 1 AND c = 1")
    if what == "TIMESTAMP":
        statements.append(f"DELETE FROM s.t USING TIMESTAMP {value} WHERE k = 1")
    for statement in statements:
        with pytest.raises(FivefoldError, match="no viable alternative at input") as caught:
            run(cql, statement)
        assert caught.value.codes == ("Syntax error in CQL query",)


def test_using_takes_signs(cql: CassandraInterpreter) -> None:
    run(cql, INSERT.format(1) + " USING TIMESTAMP -5 AND TTL 7")
    assert run(cql, "SELECT writetime(v) AS w FROM s.t") == "w: -5"


def test_compact_storage_is_named(cql: CassandraInterpreter) -> None:
    with pytest.raises(FivefoldError, match=r"^COMPACT STORAGE is not supported"):
        run(cql, "CREATE TABLE s.c (k int PRIMARY KEY, v int) WITH COMPACT STORAGE")


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (BATCH.format("DELETE v FROM s.t"), "updates"),
        (BATCH.format("UPDATE s.t SET v = 1"), "updates"),
        (BATCH.format("DELETE FROM s.t"), "deletions"),
        ("DELETE v FROM s.t WHERE k = 1 AND c IN (1, 2) IF v = 1", "deletions"),
    ],
)
def test_in_with_conditions(cql: CassandraInterpreter, statement: str, named: str) -> None:
    with pytest.raises(FivefoldError) as caught:
        run(cql, statement)
    assert caught.value.message == IN_CLUSTERING.format(named)
