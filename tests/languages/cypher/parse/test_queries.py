"""What clauses, queries and commands are parsed into."""

from __future__ import annotations

from typing import Any

import pytest

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.parse import parse
from fivefold.languages.cypher.tree import (
    CallProcedure,
    CallSubquery,
    Command,
    Create,
    CreateConstraint,
    CreateIndex,
    DatabaseCommand,
    Delete,
    DropConstraint,
    DropIndex,
    Foreach,
    Hint,
    Item,
    Label,
    LabelAnd,
    LabelOr,
    Length,
    ListLiteral,
    Literal,
    MapLiteral,
    Match,
    Merge,
    Mode,
    NodePattern,
    Parameter,
    PathPattern,
    Projection,
    Property,
    Query,
    RelationshipPattern,
    Remove,
    RemoveLabels,
    RemoveProperty,
    Return,
    Set,
    SetLabels,
    SetProperties,
    SetProperty,
    Shortest,
    Show,
    Sort,
    Unwind,
    Use,
    Variable,
    With,
)
from fivefold.values.records import Record, changed, names_of

A, B, N, X, Y = (Variable(name) for name in "abnxy")
ONE = Literal(1)
NODE = PathPattern((NodePattern("n"),))
END = Return(Projection((), star=True))


def bare(one: Any) -> Any:
    """A tree without where its nodes begin."""
    if isinstance(one, tuple):
        return tuple(map(bare, one))
    if not isinstance(one, Record):
        return one
    fields = {name: bare(getattr(one, name)) for name in names_of(one)}
    return changed(one, **{**fields, "at": 0}) if "at" in fields else changed(one, **fields)


def clauses(text: str) -> tuple[tree.Clause, ...]:
    body = parse(text).body
    assert isinstance(body, Query)
    found: tuple[tree.Clause, ...] = bare(body).clauses
    return found


def items(*names: str) -> tuple[Item, ...]:
    return tuple(Item(Variable(name), name, False) for name in names)


CLAUSES: list[tuple[str, tree.Clause]] = [
    ("MATCH (n)", Match((NODE,))),
    (
        "OPTIONAL MATCH p = (n:A {a: 1})-[x:T|:U*1..3]->(), (:B:C) WHERE x",
        Match(
            (
                PathPattern(
                    (
                        NodePattern("n", Label("A"), MapLiteral((("a", ONE),))),
                        RelationshipPattern(
                            "x", LabelOr((Label("T"), Label("U"))), tree.Direction.RIGHT,
                            Length(1, 3),
                        ),
                        NodePattern(),
                    ),
                    "p",
                ),
                PathPattern((NodePattern(None, LabelAnd((Label("B"), Label("C")))),)),
            ),
            X,
            True,
        ),
    ),
    (
        "MATCH (n IS A WHERE n.x)<-[x {a: 1} WHERE y]-(where WHERE x)",
        Match(
            (
                PathPattern(
                    (
                        NodePattern("n", Label("A"), None, Property(N, "x")),
                        RelationshipPattern(
                            "x", None, tree.Direction.LEFT, None, MapLiteral((("a", ONE),)), Y
                        ),
                        NodePattern("where", where=X),
                    )
                ),
            )
        ),
    ),
    (
        "MATCH allShortestPaths((a)-[*]-(b))",
        Match(
            (
                PathPattern(
                    (
                        NodePattern("a"),
                        RelationshipPattern(length=Length(None, None)),
                        NodePattern("b"),
                    ),
                    shortest=Shortest.ALL,
                ),
            )
        ),
    ),
    (
        "MATCH (n) USING RANGE INDEX n:A(x, y) USING SCAN n:A USING JOIN ON n, a WHERE x",
        Match(
            (NODE,), X, False,
            (
                Hint("index", (("n", 28),), "A", ("x", "y")),
                Hint("scan", (("n", 49),), "A"),
                Hint("join", (("n", 67), ("a", 70))),
            ),
        ),
    ),
    ("MATCH ((n))", Match((NODE,))),
    ("UNWIND x AS y", Unwind(X, "y")),
    (
        "WITH DISTINCT *, a AS b ORDER BY x, y DESC, n ASCENDING SKIP 1 LIMIT x WHERE y",
        With(
            Projection(
                (Item(A, "b", True),), True, True, (Sort(X), Sort(Y, True), Sort(N)), ONE, X
            ),
            Y,
        ),
    ),
    ("ORDER BY x LIMIT 1", With(Projection((), True, order=(Sort(X),), limit=ONE))),
    ("OFFSET 1", With(Projection((), True, skip=ONE))),
    ("CREATE (n $x)", Create((PathPattern((NodePattern("n", None, Parameter("x")),)),))),
    ("INSERT (n)", Create((NODE,))),
    (
        "MERGE (n) ON CREATE SET n.x = 1, a.b.c = 1 ON MATCH SET n:A:B ON CREATE SET n += x",
        Merge(
            NODE,
            (
                SetProperty(N, "x", ONE),
                SetProperty(Property(A, "b"), "c", ONE),
                SetProperties("n", X, True),
            ),
            (SetLabels("n", ("A", "B")),),
        ),
    ),
    (
        "SET n = x, (n).x = 1, n[x] = 1, n IS A",
        Set(
            (
                SetProperties("n", X),
                SetProperty(N, "x", ONE),
                SetProperty(N, X, ONE),
                SetLabels("n", ("A",)),
            )
        ),
    ),
    (
        "REMOVE n.x, n[x], n:A:B",
        Remove((RemoveProperty(N, "x"), RemoveProperty(N, X), RemoveLabels("n", ("A", "B")))),
    ),
    ("DELETE a, b", Delete((A, B))),
    ("DETACH DELETE a", Delete((A,), True)),
    ("NODETACH DELETE a", Delete((A,))),
    (
        "FOREACH (x IN y | CREATE (n) SET n.x = 1)",
        Foreach("x", Y, (Create((NODE,)), Set((SetProperty(N, "x", ONE),)))),
    ),
    ("CALL a.b.c", CallProcedure("a.b.c", None)),
    ("CALL a()", CallProcedure("a", ())),
    (
        "CALL a(1, x) YIELD b AS c, d WHERE x",
        CallProcedure("a", (ONE, X), (("b", "c"), ("d", "d")), where=X),
    ),
    ("OPTIONAL CALL a() YIELD b", CallProcedure("a", (), (("b", "b"),), optional=True)),
    ("CALL { RETURN * }", CallSubquery(Query((END,)))),
    ("CALL () { RETURN * }", CallSubquery(Query((END,)), ())),
    ("OPTIONAL CALL (*) { RETURN * }", CallSubquery(Query((END,)), ("*",), True)),
    (
        "CALL (a, b) { RETURN * UNION ALL RETURN * }",
        CallSubquery(Query((END,), Query((END,), None, False), False), ("a", "b")),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), CLAUSES)
def test_clauses(text: str, wanted: tree.Clause) -> None:
    assert clauses(f"{text} RETURN *") == (wanted, END)


def test_words_in_any_case() -> None:
    assert clauses("match (n) return *") == clauses("MaTcH (n) ReTuRn *")


def test_keywords_as_names() -> None:
    text = "MATCH (match)-[end:ORDER]->(order:Where {limit: 1}) WHERE end.skip RETURN match"
    match, ended = clauses(text)
    assert isinstance(match, Match)
    assert isinstance(ended, Return)
    assert match.where == Property(Variable("end"), "skip")
    assert ended.projection.items == items("match")


def test_unions() -> None:
    found = parse("RETURN 1 AS a UNION RETURN 2 AS a UNION DISTINCT RETURN 3 AS a;").body
    assert isinstance(found, Query)
    assert found.union is not None
    assert found.distinct
    assert found.union.union is not None
    assert found.union.union.union is None
    found = parse("RETURN 1 AS a UNION ALL RETURN 2 AS a").body
    assert isinstance(found, Query)
    assert not found.distinct


def test_procedure_alone() -> None:
    assert clauses("CALL a() YIELD *") == (CallProcedure("a", (), (), True),)
    assert clauses("CALL a() YIELD -") == (CallProcedure("a", (), ()),)


def test_whole_statements() -> None:
    assert parse("EXPLAIN RETURN 1").mode is Mode.EXPLAIN
    assert parse("CYPHER 5 runtime=slotted planner=cost PROFILE RETURN 1").mode is Mode.PROFILE
    assert clauses("USE a.b MATCH (n) RETURN *") == (Use("a.b"), Match((NODE,)), END)
    shown = parse("USE neo4j SHOW INDEXES")
    assert (shown.database, bare(shown.body)) == ("neo4j", Show("INDEXES"))
    assert clauses("CREATE index = (n)") == (Create((PathPattern((NodePattern("n"),), "index"),)),)


TYPED = "LIST<STRING NOT NULL> | INTEGER"
COMMANDS: list[tuple[str, Command]] = [
    ("CREATE INDEX FOR (n:A) ON (n.x)", CreateIndex(None, "range", False, "A", ("x",))),
    (
        "CREATE TEXT INDEX i IF NOT EXISTS FOR ()-[r:T]-() ON (r.x)",
        CreateIndex("i", "text", True, "T", ("x",), True),
    ),
    (
        "CREATE RANGE INDEX `for` FOR ()<-[r:T]-() ON (r.x, r.y) OPTIONS {a: 1}",
        CreateIndex("for", "range", True, "T", ("x", "y"), False, MapLiteral((("a", ONE),))),
    ),
    (
        "CREATE LOOKUP INDEX FOR (n) ON EACH labels(n)",
        CreateIndex(None, "lookup", False, "", ()),
    ),
    ("CREATE LOOKUP INDEX l FOR ()-[r]->() ON type(r)", CreateIndex("l", "lookup", True, "", ())),
    (
        "CREATE CONSTRAINT FOR (n:A) REQUIRE n.x IS UNIQUE",
        CreateConstraint(None, "unique", False, "A", ("x",)),
    ),
    (
        "CREATE CONSTRAINT c IF NOT EXISTS FOR (n:A) REQUIRE (n.x, n.y) IS NODE KEY",
        CreateConstraint("c", "key", False, "A", ("x", "y"), None, True),
    ),
    (
        "CREATE CONSTRAINT FOR ()-[r:T]->() REQUIRE r.x IS RELATIONSHIP UNIQUE",
        CreateConstraint(None, "unique", True, "T", ("x",)),
    ),
    (
        "CREATE CONSTRAINT FOR (n:A) REQUIRE n.x IS NOT NULL OPTIONS {}",
        CreateConstraint(None, "exists", False, "A", ("x",), options=MapLiteral(())),
    ),
    (
        "CREATE CONSTRAINT FOR (n:A) REQUIRE n.x IS :: LIST<STRING NOT NULL> | INT",
        CreateConstraint(None, "type", False, "A", ("x",), TYPED),
    ),
    (
        "CREATE CONSTRAINT FOR (n:A) REQUIRE n.x :: DATE",
        CreateConstraint(None, "type", False, "A", ("x",), "DATE"),
    ),
    ("DROP INDEX i", DropIndex("i")),
    ("DROP INDEX `a b` IF EXISTS;", DropIndex("a b", True)),
    ("DROP CONSTRAINT c IF EXISTS", DropConstraint("c", True)),
    ("CREATE DATABASE a.b IF NOT EXISTS WAIT 10 SECONDS",
     DatabaseCommand("create", "a.b", if_not_exists=True)),
    ("CREATE OR REPLACE DATABASE a NOWAIT", DatabaseCommand("create", "a", replace=True)),
    ("DROP DATABASE a IF EXISTS DESTROY DATA WAIT", DatabaseCommand("drop", "a", True)),
    ("SHOW INDEX", Show("INDEXES")),
    ("SHOW ALL INDEXES", Show("INDEXES")),
    ("SHOW RANGE INDEXES YIELD *", Show("INDEXES", "RANGE", yields=Projection((), True))),
    (
        "SHOW INDEXES YIELD name AS a, type ORDER BY a LIMIT 1 WHERE a RETURN type",
        Show(
            "INDEXES", None, None,
            Projection(
                (Item(Variable("name"), "a", True), *items("type")), order=(Sort(A),), limit=ONE
            ),
            A, Projection(items("type")),
        ),
    ),
    ("SHOW CONSTRAINTS WHERE a", Show("CONSTRAINTS", where=A)),
    ("SHOW NODE UNIQUENESS CONSTRAINTS", Show("CONSTRAINTS", "NODE UNIQUE")),
    ("SHOW REL PROPERTY EXIST CONSTRAINT", Show("CONSTRAINTS", "RELATIONSHIP PROPERTY EXISTENCE")),
    ("SHOW KEY CONSTRAINTS", Show("CONSTRAINTS", "KEY")),
    ("SHOW DATABASES", Show("DATABASES")),
    ("SHOW DATABASE neo4j", Show("DATABASES", None, "neo4j")),
    ("SHOW HOME DATABASE", Show("DATABASES", "HOME")),
    ("SHOW USER DEFINED FUNCTIONS EXECUTABLE BY CURRENT USER",
     Show("FUNCTIONS", "USER DEFINED")),
    ("SHOW PROCEDURE EXECUTABLE", Show("PROCEDURES")),
    ("SHOW TRANSACTIONS 'a', 'b'",
     Show("TRANSACTIONS", values=ListLiteral((Literal("a"), Literal("b"))))),
    ("SHOW SETTING $x", Show("SETTINGS", values=Parameter("x"))),
    ("SHOW CURRENT USER", Show("USERS", "CURRENT")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), COMMANDS)
def test_commands(text: str, wanted: Command) -> None:
    assert bare(parse(text).body) == wanted
