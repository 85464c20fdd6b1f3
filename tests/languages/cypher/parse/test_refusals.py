"""What is refused: with which words, where, and never with anything but an error of ours."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.errors import FivefoldError, Limit, Unsupported
from fivefold.languages.cypher.parse import parse
from fivefold.values.graph.faults import STATUSES

SYNTAX = "UnexpectedSyntax"
# A text in which ^ shows where the error is, its detail, and what its message begins with.
REFUSED = [
    ("^RETRUN 1", SYNTAX, "Invalid input 'RETRUN': expected FOREACH, ORDER BY, CALL, CREATE"),
    ("^", SYNTAX, "Invalid input '': expected"),
    ("MATCH (n) RETURN^", SYNTAX, "Invalid input '': expected an expression"),
    ("MATCH (n ^RETURN n", SYNTAX, "Invalid input 'RETURN': expected ':', '{', WHERE or ')'"),
    ("MATCH (n {a: 1} ^1)", SYNTAX, "Invalid input '1': expected WHERE or ')'"),
    ("MATCH (a)-[:T]^>(b) RETURN a", SYNTAX, "Invalid input '>': expected '-'"),
    ("MATCH (a)-[:T ^x]->(b)", SYNTAX, "Invalid input 'x': expected '*', '{', WHERE or ']'"),
    ("MATCH (a)-[:T^..2]->(b)", "InvalidRelationshipPattern", "Invalid input '..'"),
    ("MATCH (a)-[:T*^-2]->(b)", "InvalidRelationshipPattern", "Invalid input '-'"),
    ("MATCH (a)-[:T*1..^-2]->(b)", "InvalidRelationshipPattern", "Invalid input '-'"),
    ("MATCH (a)-[*^1.5]->(b)", SYNTAX, "Invalid input '1.5': expected an integer"),
    ("MATCH (n ^$p) RETURN n", "InvalidParameterUse", "Parameter maps cannot be used"),
    ("MERGE (n)-[:T ^$p]->()", "InvalidParameterUse", "Parameter maps cannot be used"),
    ("RETURN [1, 2^", SYNTAX, "Invalid input '': expected ',' or ']'"),
    ("RETURN f(1 ^2)", SYNTAX, "Invalid input '2': expected ',' or ')'"),
    ("RETURN {^1: 2}", SYNTAX, "Invalid input '1': expected a property key name"),
    ("RETURN {a.^b: 2}".replace(".^", "^."), SYNTAX, "Invalid input '.': expected ':'"),
    ("RETURN {^name}", SYNTAX, "Invalid input '}': expected ':'. A parameter is written $name"),
    ("RETURN CASE END^", SYNTAX, "Invalid input '': expected WHEN"),
    ("RETURN CASE a ^1 END", SYNTAX, "Invalid input '1': expected WHEN"),
    ("RETURN CASE WHEN a THEN b ^", SYNTAX, "Invalid input '': expected WHEN, ELSE or END"),
    ("RETURN a IS ^1", SYNTAX, "Invalid input '1': expected NULL, '::', TYPED or NORMALIZED"),
    ("RETURN a IS :: ^FOO", SYNTAX, "Invalid input 'FOO': expected a type"),
    ("RETURN a STARTS ^'x'", SYNTAX, "Invalid input ''x'': expected WITH"),
    ("RETURN 1 ^2", SYNTAX, "Invalid input '2': expected"),
    ("RETURN 1; ^RETURN 2", SYNTAX, "Expected exactly one statement per query but got: 2"),
    ("RETURN ^'abc", SYNTAX, "Failed to parse string literal."),
    ('RETURN ^"abc', SYNTAX, "Failed to parse string literal."),
    ("RETURN ^`abc", SYNTAX, "Failed to parse a quoted name"),
    ("RETURN 1 ^/* abc", SYNTAX, "Failed to parse a comment"),
    ("RETURN 42 ^— 41", "InvalidUnicodeCharacter", "Invalid input '—'"),
    ("RETURN 42 ^€", "InvalidUnicodeCharacter", "Invalid input '€'"),
    ("RETURN 42 ^# 41", SYNTAX, "Invalid input '#'"),
    ("RETURN ^017", "InvalidNumberLiteral", "The octal integer literal syntax `017` is no longer"),
    ("RETURN ^0x", "InvalidNumberLiteral", "invalid literal number '0x'"),
    ("RETURN ^0o8", "InvalidNumberLiteral", "invalid literal number '0o8'"),
    ("RETURN ^12ab", "InvalidNumberLiteral", "invalid literal number '12ab'"),
    ("RETURN ^1e", "InvalidNumberLiteral", "invalid literal number '1e'"),
    ("RETURN ^1__0", "InvalidNumberLiteral", "invalid literal number '1__0'"),
    ("RETURN ^9223372036854775808", "IntegerOverflow", "integer is too large"),
    ("RETURN -^9223372036854775809", "IntegerOverflow", "integer is too large"),
    ("RETURN ^0x8000000000000000", "IntegerOverflow", "integer is too large"),
    ("RETURN ^" + "9" * 5000, "IntegerOverflow", "integer is too large"),
    ("RETURN -^1.0E999", "FloatingPointOverflow", "floating point number is too large"),
    (r"RETURN 'ab^\u12'", "InvalidUnicodeLiteral", r"Invalid input '\u12"),
    (r"RETURN '^\uD83D'", "InvalidUnicodeLiteral", "half of a surrogate pair"),
    (r"RETURN '^\UFFFFFFFF'", "InvalidUnicodeLiteral", "Invalid input"),
    ("RETURN ^(n)-->()", SYNTAX, "A pattern expression should only be used"),
    ("RETURN size(^(n)-->())", SYNTAX, "A pattern expression should only be used"),
    ("WITH ^(n)-->() AS x RETURN x", SYNTAX, "A pattern expression should only be used"),
    ("MATCH (n) WHERE ^(n)-->() = true RETURN 1", SYNTAX, "A pattern expression should"),
    ("MATCH (n:^A:B|C) RETURN n", SYNTAX, "Mixing label expression symbols"),
    ("RETURN ^any(x IN xs)", SYNTAX, "any(...) requires a WHERE predicate"),
    ("CALL a() YIELD * ^RETURN 1".replace("^", "").replace("CALL", "^CALL"), SYNTAX, "YIELD *"),
    ("RETURN 1 AS a ^UNION RETURN 1 AS a UNION ALL RETURN 1 AS a".replace("^", "")
     .replace("UNION ALL", "^UNION ALL"), "InvalidClauseComposition", "Invalid combination"),
    ("FOREACH (x IN y | ^RETURN 1)", SYNTAX, "Invalid input 'RETURN': expected CREATE, MERGE"),
    ("CREATE INDEX ^ON :A(x)", SYNTAX, "Invalid input 'ON': this form is no longer Cypher"),
    ("CREATE INDEX FOR (n:A) ON (^m.x)", "UndefinedVariable", "Variable `m` not defined"),
    ("CREATE INDEX FOR (n:A^|B) ON (n.x)", SYNTAX, "An index or constraint is for one label"),
    ("CREATE CONSTRAINT ^ON (n:A) ASSERT n.x IS UNIQUE", SYNTAX, "Invalid input 'ON'"),
    ("CREATE CONSTRAINT FOR (n:A) ^ASSERT n.x IS UNIQUE", SYNTAX, "Invalid input 'ASSERT'"),
    ("CREATE CONSTRAINT FOR (n:A) REQUIRE ^exists(n.x)", SYNTAX, "Invalid input 'EXISTS'"),
    ("CREATE CONSTRAINT FOR (n:A) REQUIRE n.x IS ^REL KEY", SYNTAX, "Invalid input 'REL'"),
    ("DROP INDEX ^ON :A(x)", SYNTAX, "Invalid input 'ON'"),
    ("DROP ^FOO x", SYNTAX, "Invalid input 'FOO': expected CONSTRAINT, DATABASE or INDEX"),
    ("SHOW FOO^", SYNTAX, "Invalid input '': expected CONSTRAINTS"),
    ("SHOW INDEXES YIELD ^1", SYNTAX, "Invalid input '1': expected a variable name or '*'"),
    ("CYPHER ^foo=bar RETURN 1", SYNTAX, "Invalid input 'foo': expected an option"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "detail", "message"), REFUSED)
def test_refused(text: str, detail: str, message: str) -> None:
    with pytest.raises(FivefoldError) as raised:
        parse(text.replace("^", ""))
    error = raised.value
    assert error.message.startswith(message)
    assert error.facts["detail"] == detail
    assert error.facts["phase"] == "compile"
    assert error.facts["status"] == STATUSES["SyntaxError"]
    assert error.position == text.index("^") + 1


UNSUPPORTED = [
    "^LOAD CSV FROM 'a' AS row RETURN row",
    "CALL { RETURN 1 AS a } IN TRANSACTIONS ON ERROR ^CONTINUE RETURN a",
    "CALL { RETURN 1 AS a } IN 3 CONCURRENT TRANSACTIONS OF 10 ROWS ^REPORT STATUS AS s RETURN a",
    "MATCH ((a)-->(b))^{1,3} RETURN a",
    "MATCH (a) ^((b)-->(c))+ (d) RETURN a",
    "MATCH (a)-[:T]->^+(b) RETURN a",
    "MATCH p = ^ANY SHORTEST (a)-->(b) RETURN p",
    "MATCH ^REPEATABLE ELEMENTS (a)-->(b) RETURN a",
    "CREATE ^FULLTEXT INDEX i FOR (n:A) ON EACH [n.x]",
    "CREATE ^POINT INDEX FOR (n:A) ON (n.x)",
    "CREATE INDEX ^$name FOR (n:A) ON (n.x)",
    "^CREATE USER a SET PASSWORD 'b'",
    "^GRANT ROLE a TO b",
    "^SHOW ROLES",
    "^SHOW USERS",
    "SHOW INDEXES ^VERBOSE",
    "CYPHER ^25 RETURN 1",
]


@pytest.mark.parametrize("text", UNSUPPORTED)
def test_unsupported(text: str) -> None:
    with pytest.raises(Unsupported) as raised:
        parse(text.replace("^", ""))
    assert raised.value.hint
    assert raised.value.message.endswith("is not supported")
    assert raised.value.position == text.index("^") + 1


@pytest.mark.parametrize(
    ("opening", "inside", "closing"),
    [
        ("RETURN " + "(" * 10_000, "1", ")" * 10_000),
        ("RETURN " + "(" * 10_000, "", ""),
        ("RETURN " + "[" * 10_000, "1", "]" * 10_000),
        ("RETURN " + "{a: " * 10_000, "1", "}" * 10_000),
        ("RETURN " + "[x IN " * 10_000, "x", "]" * 10_000),
        ("RETURN " + "NOT " * 10_000, "true", ""),
        ("RETURN " + "- " * 10_000, "a", ""),
        ("RETURN 1" + " + 1" * 10_000, "", ""),
        ("RETURN f" + "(f" * 10_000, "(1)", ")" * 10_000),
        ("RETURN " + "CASE WHEN a THEN " * 10_000, "1", " END" * 10_000),
        ("MATCH " + "(" * 10_000, "a", ")" * 10_000),
        ("MATCH (a:" + "!" * 10_000, "A", ") RETURN a"),
        ("MATCH (a:" + "(" * 10_000, "A", ")" * 10_000),
        ("CALL { " * 10_000, "RETURN 1 AS a", " }" * 10_000),
        ("RETURN true AND " + "EXISTS { MATCH (a) WHERE " * 2_000, "true", " }" * 2_000),
        ("FOREACH (x IN y | " * 10_000, "CREATE ()", ")" * 10_000),
        ("MATCH (a) WHERE " + "(a)-[x {y: " * 2_000, "1", "}]-(b)" * 2_000),
        ("RETURN a", ".b" * 10_000, ""),
        ("RETURN a", "[0]" * 10_000, ".b IS NULL"),
        ("RETURN a IS :: " + "LIST<" * 10_000, "INT", ">" * 10_000),
    ],
)
def test_nested_too_deeply(opening: str, inside: str, closing: str) -> None:
    with pytest.raises(Limit, match="nested too deeply"):
        parse(opening + inside + closing)


def test_nested_as_people_do() -> None:
    parse("RETURN " + "(" * 100 + "1" + ")" * 100)
    parse("RETURN '' " + "+ 'a' " * 200)
    parse("CALL { " * 20 + "RETURN 1 AS a" + " } RETURN a" * 20)


WORDS = (
    "MATCH OPTIONAL WHERE RETURN WITH UNWIND CREATE MERGE SET REMOVE DELETE DETACH FOREACH CALL"
    " YIELD UNION ALL DISTINCT AS ORDER BY SKIP LIMIT AND OR XOR NOT IN STARTS IS NULL TRUE CASE"
    " WHEN THEN ELSE END EXISTS COUNT COLLECT ANY REDUCE shortestPath ON USING INDEX SHOW DROP"
    " CONSTRAINT DATABASE FOR REQUIRE IF UNIQUE INDEXES a b n x Label f trim"
)
MARKS = "( ) [ ] { } - > < -- --> <-- | & ! % : :: . .. , ; = <> <= + += * / ^ =~ $a $0"
ODD = ("1", "0x1", "1.5", "'s'", '"t"', "`q`", "'", "`", "/*", "//", "\\", "#", "é", "—", "\n", "")
FLAWS = (*MARKS.split(), *ODD)
TOKENS = st.lists(st.sampled_from([*WORDS.split(), *MARKS.split(), *FLAWS]), max_size=25)

WHOLE = (
    "MATCH p = (a:A|B {x: $y})-[r:T*1..3 {z: 'q'} WHERE r.w]->(b), (c) USING INDEX a:A(x) WHERE"
    " (a)-->(c) AND NOT EXISTS { (a)<-[:S]-(d) WHERE d.e =~ 'x' } WITH DISTINCT *, count(*) AS n"
    " ORDER BY n DESC SKIP 1 LIMIT $l WHERE n IS NOT NULL CALL (a) { RETURN [x IN a.l WHERE x > 0"
    " | x ^ 2][1..2] AS k UNION ALL RETURN CASE a.b WHEN 1 THEN 'o' ELSE -1.5e3 END AS k } FOREACH"
    " (q IN k | CREATE (a)-[:R {v: q}]->({w: reduce(s = 0, t IN k | s + t)})) MERGE (e:E {f: 0x1F})"
    " ON CREATE SET e.g = date('2020-01-01').year, e += {h: all(u IN k WHERE u <> 1)} ON MATCH SET"
    " e:F:G REMOVE e.i DETACH DELETE e RETURN *, e {.j, .*, m: [(e)--(o) | o.`p q`]} AS e"
)


def refusal(text: str) -> FivefoldError | None:
    try:
        parse(text)
    except FivefoldError as refused:
        return refused
    return None


def refused_well(text: str) -> None:
    error = refusal(text)
    if error is not None:
        assert error.position is None or 1 <= error.position <= len(text) + 1
        assert isinstance(error, Unsupported | Limit) or error.facts["phase"] == "compile"


@settings(max_examples=600)
@given(TOKENS)
def test_any_tokens_are_parsed_or_refused(words: list[str]) -> None:
    refused_well(" ".join(words))


@settings(max_examples=150)
@given(st.text(max_size=30))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    refused_well(text)
    refused_well(f"RETURN {text}")


def test_every_beginning_of_a_query() -> None:
    parse(WHOLE)
    for end in range(len(WHOLE)):
        refused_well(WHOLE[:end])


@settings(max_examples=200)
@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 12), st.sampled_from(FLAWS))
def test_a_query_with_a_flaw(at: int, length: int, flaw: str) -> None:
    refused_well(WHOLE[:at] + flaw + WHOLE[at + length :])
