"""What is refused before it runs: detail, type and where.

Sources: the details of the openCypher kit's features; the rules of openCypher 9 and of the Neo4j
Cypher Manual 5 for what the kit does not ask.
"""

from __future__ import annotations

import pytest

from fivefold.errors import FivefoldError
from fivefold.languages.cypher.check import check
from fivefold.languages.cypher.functions.function import Argument
from fivefold.languages.cypher.parse import parse
from fivefold.values.graph.faults import DETAILS, fault


class Labels:
    """A procedure."""

    name = "test.labels"
    arguments = (Argument("prefix", "STRING"), Argument("most", "INTEGER", optional=True))
    results = (("label", "STRING"), ("count", "INTEGER"))
    writes = False


PROCEDURES = {"test.labels": Labels()}

FAULTS = [
    # Variables.
    ("RETURN ^x", "UndefinedVariable"),
    ("MATCH (a) RETURN ^b.name", "UndefinedVariable"),
    ("MATCH (a), (b) WITH a RETURN ^b", "UndefinedVariable"),
    ("MATCH (a) RETURN [x IN [1] WHERE ^y = 1]", "UndefinedVariable"),
    ("MATCH (a) RETURN [x IN [1] | x], ^x", "UndefinedVariable"),
    ("MATCH (n) WHERE (n)-->^(m) RETURN n", "UndefinedVariable"),
    ("MATCH (n) WHERE (n)^-[r]->() RETURN n", "UndefinedVariable"),
    ("MATCH (a) CREATE (a)-[:T]->(b {name: ^c})", "UndefinedVariable"),
    ("CREATE (a {n: ^b.n}), (b)", "UndefinedVariable"),
    ("MERGE (n) ON CREATE SET ^x.a = 1", "UndefinedVariable"),
    ("MATCH (a) CALL { RETURN ^a.name AS b } RETURN b", "UndefinedVariable"),
    ("^CALL (a) { RETURN 1 AS b } RETURN b", "UndefinedVariable"),
    ("MATCH (a) CALL (a) { RETURN 1 AS c } CALL { WITH ^b RETURN 2 AS d } RETURN c", None),
    ("FOREACH (x IN [1] | CREATE ({a: ^y}))", "UndefinedVariable"),
    ("MATCH (a) RETURN DISTINCT a.name ORDER BY ^a.age", "UndefinedVariable"),
    ("MATCH (a) RETURN count(a) AS c ORDER BY ^a.age", "UndefinedVariable"),
    ("MATCH (a) WITH a.b AS x, min(a.c) AS y ORDER BY sum(^a.d) RETURN x", "UndefinedVariable"),
    ("^CALL test.labels('x') YIELD nothing RETURN nothing", "UndefinedVariable"),
    # What is bound already, and as something else.
    ("MATCH (p) MATCH ^p = ()-->() RETURN p", "VariableAlreadyBound"),
    ("MATCH (a) CREATE ^(a)", "VariableAlreadyBound"),
    ("MATCH (a) CREATE ^(a:L)-[:T]->()", "VariableAlreadyBound"),
    ("MATCH ()-[r]->() CREATE ()^-[r]->()", "VariableAlreadyBound"),
    ("CREATE (a), ^(a)", "VariableAlreadyBound"),
    ("MATCH (a) MERGE ^(a)", "VariableAlreadyBound"),
    ("WITH 1 AS x ^UNWIND [1] AS x RETURN x", "VariableAlreadyBound"),
    ("WITH 1 AS x ^FOREACH (x IN [1] | CREATE ())", "VariableAlreadyBound"),
    ("WITH 'a' AS label ^CALL test.labels('') YIELD label RETURN label", "VariableAlreadyBound"),
    ("WITH 1 AS x CALL { ^RETURN 2 AS x } RETURN x", "VariableAlreadyBound"),
    ("MATCH ()-[r]->() MATCH ^(r) RETURN r", "VariableTypeConflict"),
    ("MATCH p = ()-->(), ^(p) RETURN p", "VariableTypeConflict"),
    ("MATCH (r)^-[r]->() RETURN r", "VariableTypeConflict"),
    ("WITH [1] AS r MATCH ()^-[r*]->() RETURN r", "VariableTypeConflict"),
    ("WITH 'a' AS n MATCH ^(n) RETURN n", "VariableTypeConflict"),
    ("MATCH (a)-[r]->()^-[r]->(a) RETURN r", "RelationshipUniquenessViolation"),
    ("MATCH (a)-[r]->(), ()^-[r]->(a) RETURN r", "RelationshipUniquenessViolation"),
    # Patterns that create.
    ("CREATE ()^-->()", "NoSingleRelationshipType"),
    ("CREATE ()^-[:A|B]->()", "NoSingleRelationshipType"),
    ("CREATE ()^-[:A]-()", "RequiresDirectedRelationship"),
    ("CREATE ()^-[:A*2]->()", "CreatingVarLength"),
    ("MATCH (a), (b) MERGE (a)^-[:A*]->(b)", "CreatingVarLength"),
    ("MATCH (a), (b) MERGE (a)^-->(b)", "NoSingleRelationshipType"),
    ("CREATE (:^!A)", "UnexpectedSyntax"),
    ("MATCH ^p = shortestPath((a)-->()-->(b)) RETURN p", "InvalidRelationshipPattern"),
    # Aggregation.
    ("MATCH (n) WHERE ^count(n) > 1 RETURN n", "InvalidAggregation"),
    ("UNWIND ^collect(1) AS x RETURN x", "InvalidAggregation"),
    ("RETURN [x IN [1] | ^count(*)]", "InvalidAggregation"),
    ("MATCH (n) RETURN n.a ORDER BY ^max(n.b)", "InvalidAggregation"),
    ("MATCH (n) CALL test.labels(^count(n)) YIELD label RETURN label", "InvalidAggregation"),
    ("MATCH (n) SET n.a = ^sum(n.b)", "InvalidAggregation"),
    ("RETURN count(^count(*))", "NestedAggregation"),
    ("RETURN count(^rand())", "NonConstantExpression"),
    ("MATCH (a)--(b) RETURN ^a.x + count(b)", "AmbiguousAggregationExpression"),
    ("MATCH (a)--(b) RETURN a.x + b.x, ^a.x + b.x + count(*)", "AmbiguousAggregationExpression"),
    (
        "MATCH (a)--(b) RETURN a.x + b.x, count(*) ORDER BY a.x ^+ b.x + count(*)",
        "AmbiguousAggregationExpression",
    ),
    # Columns.
    ("WITH ^1 RETURN 1", "NoExpressionAlias"),
    ("MATCH (a) WITH a, ^count(*) RETURN a", "NoExpressionAlias"),
    ("RETURN ^1 AS a, 2 AS a", "ColumnNameConflict"),
    ("MATCH () ^RETURN *", "NoVariablesInScope"),
    ("RETURN 1 AS a ^UNION RETURN 2 AS b", "DifferentColumnsInUnion"),
    ("RETURN 1 AS a UNION ALL RETURN 2 AS a UNION RETURN 3 AS a", "InvalidClauseComposition"),
    # How clauses follow each other.
    ("^MATCH (n)", "InvalidClauseComposition"),
    ("^UNWIND [1] AS x", "InvalidClauseComposition"),
    ("MATCH (n) ^WITH n", "InvalidClauseComposition"),
    ("CREATE (n) ^MATCH (m) RETURN m", "InvalidClauseComposition"),
    ("^RETURN 1 MATCH (n) RETURN n", "InvalidClauseComposition"),
    (
        "MATCH (n) WHERE EXISTS { MATCH (n)-->(m) ^SET m.a = 1 } RETURN n",
        "InvalidClauseComposition",
    ),
    ("MATCH (n) ^CALL { WITH n MATCH (m) RETURN m }", "InvalidClauseComposition"),
    ("MATCH (n) CALL { ^WITH n AS m RETURN m.a AS b } RETURN b", "InvalidClauseComposition"),
    ("RETURN ^COLLECT { RETURN 1 AS a, 2 AS b }", "InvalidClauseComposition"),
    # SKIP and LIMIT.
    ("MATCH (n) RETURN n SKIP ^n.a", "NonConstantExpression"),
    ("RETURN 1 LIMIT ^-1", "NegativeIntegerArgument"),
    ("RETURN 1 LIMIT ^1.5", "InvalidArgumentType"),
    ("RETURN 1 SKIP ^'a'", "InvalidArgumentType"),
    # Types.
    ("RETURN NOT ^1", "InvalidArgumentType"),
    ("RETURN ^1 AND true", "InvalidArgumentType"),
    ("RETURN true OR ^'a'", "InvalidArgumentType"),
    ("RETURN 1 IN ^2", "InvalidArgumentType"),
    ("RETURN ^'a' % 2", "InvalidArgumentType"),
    ("RETURN 1 - ^'a'", "InvalidArgumentType"),
    ("RETURN 1 + ^true", "InvalidArgumentType"),
    ("RETURN any(x IN ['a'] WHERE ^x % 2 = 0)", "InvalidArgumentType"),
    ("MATCH (n) RETURN length(^n)", "InvalidArgumentType"),
    ("MATCH (n) RETURN type(^n)", "InvalidArgumentType"),
    ("MATCH p = ()-->() RETURN size(^p)", "InvalidArgumentType"),
    ("RETURN properties(^1)", "InvalidArgumentType"),
    ("MATCH p = ()-->() RETURN ^p.name", "InvalidArgumentType"),
    ("MATCH (n) WHERE ^1 RETURN n", "InvalidArgumentType"),
    ("MATCH (n) DELETE 1 ^+ 1", "InvalidArgumentType"),
    ("MATCH (n) SET n = ^1", "InvalidArgumentType"),
    ("MATCH p = ()-->() SET ^p.x = 1", "InvalidArgumentType"),
    ("FOREACH (x IN ^1 | CREATE ())", "InvalidArgumentType"),
    ("CALL test.labels(^1) YIELD label RETURN label", "InvalidArgumentType"),
    # Functions, procedures, DELETE.
    ("RETURN ^foo(1)", "UnknownFunction"),
    ("RETURN ^size()", "InvalidNumberOfArguments"),
    ("RETURN ^size([], [])", "InvalidNumberOfArguments"),
    ("CALL no.such()", "ProcedureNotFound"),
    ("^CALL test.labels()", "InvalidNumberOfArguments"),
    ("^CALL test.labels('', 1, 2)", "InvalidNumberOfArguments"),
    ("^CALL test.labels YIELD label RETURN label", "InvalidArgumentPassingMode"),
    ("MATCH (n) DELETE ^n:Label", "InvalidDelete"),
]


@pytest.mark.parametrize(("marked", "detail"), [one for one in FAULTS if one[1]])
def test_a_fault_tells_what_and_where(marked: str, detail: str) -> None:
    position = marked.index("^") + 1 if "^" in marked else None
    with pytest.raises(FivefoldError) as refused:
        check(parse(marked.replace("^", "", 1)), PROCEDURES)
    error = refused.value
    assert (error.facts["detail"], error.facts["phase"]) == (detail, "compile"), error
    if position is not None:
        assert error.position == position, error


@pytest.mark.parametrize("value", ["1", "1.5", "true", "'a'", "[1, true]"])
def test_properties_of_what_has_none_are_a_type_error(value: str) -> None:
    with pytest.raises(FivefoldError) as refused:
        check(parse(f"WITH {value} AS x RETURN x.a"), PROCEDURES)
    facts = refused.value.facts
    assert (facts["type"], facts["phase"]) == ("TypeError", "compile")
    assert facts["detail"] == "InvalidArgumentType"


def test_every_detail_makes_an_error() -> None:
    for detail in DETAILS:
        assert fault(detail, "message", at=3).position == 4
