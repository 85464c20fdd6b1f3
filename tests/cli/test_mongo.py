"""``fivefold mongo``: statements given and piped in, what they show, the shell, completion."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

import fivefold
from fivefold.cli.line import Line
from fivefold.cli.mongo import operators
from fivefold.cli.mongo.complete import MongoCompleter
from fivefold.cli.mongo.run import run_script
from fivefold.cli.mongo.session import Leave, Session
from fivefold.cli.mongo.shell import Shell
from fivefold.languages.mongo.accumulators.table import ACCUMULATORS
from fivefold.languages.mongo.expressions.table import OPERATORS
from fivefold.languages.mongo.stages.table import STAGES
from fivefold.languages.mongo.windows.table import WINDOW_FUNCTIONS
from tests.cli.program import run

ORDERS = "db.orders.insertMany([{_id: 1, n: 5, who: {name: 'Ann'}}, {_id: 2, n: 7}, {_id: 3}])"
ORDERS_SHOWN = "{ acknowledged: true, insertedIds: { '0': 1, '1': 2, '2': 3 } }\n"


@pytest.fixture
def session() -> Iterator[Session]:
    with fivefold.open(":memory:") as database, Line(database) as line:
        yield Session(line)


def shown(session: Session, capsys: pytest.CaptureFixture[str], text: str) -> str:
    assert run_script(session, text, is_piped=False) == 0
    return capsys.readouterr().out


def refused(session: Session, capsys: pytest.CaptureFixture[str], text: str) -> str:
    assert run_script(session, text, is_piped=False) == 1
    return capsys.readouterr().err


# The program


def test_a_statement(tmp_path: Path) -> None:
    assert run(tmp_path, "mongo", "shop.db", ORDERS).output == ORDERS_SHOWN
    ran = run(tmp_path, "mongo", "shop.db", "db.orders.find({n: {$gt: 5}}, {n: 1}); exit; db")
    assert (ran.status, ran.output, ran.errors) == (0, "[ { _id: 2, n: 7 } ]\n", "")
    with fivefold.open(tmp_path / "shop.db") as database:
        assert database.collection("test", "orders").count_documents({}) == 3


def test_statements_from_a_pipe(tmp_path: Path) -> None:
    given = f"use shop\n{ORDERS}\ndb.orders.find({{n: {{$gt: 1}}}},\n {{n: 1}})\n  .limit(1)\n"
    ran = run(tmp_path, "mongo", "shop.db", given=given)
    assert (ran.status, ran.errors) == (0, "")
    assert ran.output == f"switched to db shop\n{ORDERS_SHOWN}[ {{ _id: 1, n: 5 }} ]\n"


def test_it_stops_at_the_first_error(tmp_path: Path) -> None:
    given = "db.c.insertOne({_id: 1})\ndb.c.insertOne({_id: 1})\ndb.c.drop()\n"
    ran = run(tmp_path, "mongo", "shop.db", given=given)
    assert (ran.status, ran.output) == (1, "{ acknowledged: true, insertedId: 1 }\n")
    assert ran.errors.splitlines() == [
        "MongoServerError: E11000 duplicate key error collection: test.c index: _id_ dup key: "
        "{ _id: 1 }",
        "line 2 of the input; what follows was not run",
    ]


def test_an_error_shows_the_place(tmp_path: Path) -> None:
    ran = run(tmp_path, "mongo", "shop.db", "db\ndb.c.find({a 5})")
    assert (ran.status, ran.output) == (1, "test\n")
    assert ran.errors.splitlines() == [
        "ERROR: unexpected 5: : is missing in a document, after a",
        "LINE 2: db.c.find({a 5})",
        "                     ^",
    ]


# What is shown

SHOWN = [
    ("db", "test"),
    ("db.orders", "test.orders"),
    ("db.getSiblingDB('b').getCollection('x y')", "b.x y"),
    ("use b", "switched to db b"),
    ("it", "no cursor"),
    ("db.orders.find({n: 7})", "[ { _id: 2, n: 7 } ]"),
    ("db.orders.find({n: 8})", ""),
    (
        "db.orders.find({}, {n: 1}).sort({n: -1}).skip(1).limit(2)",
        "[ { _id: 1, n: 5 }, { _id: 3 } ]",
    ),
    ("db.orders.find({}, {}, {sort: {_id: -1}, limit: 1})", "[ { _id: 3 } ]"),
    (
        "db.orders.find().sort({_id: 1}).limit(-1).pretty()",
        "[ { _id: 1, n: 5, who: { name: 'Ann' } } ]",
    ),
    ("db.orders.find({_id: 3}).toArray()", "[ { _id: 3 } ]"),
    ("db.orders.find().limit(1).count()", "3"),
    ("db.orders.find().limit(1).size()", "1"),
    ("db.orders.find().batchSize(2).itcount()", "3"),
    ("db.orders.find({_id: 3}).next()", "{ _id: 3 }"),
    ("db.orders.find({_id: 4}).hasNext()", "false"),
    ("db.orders.findOne({_id: 3})", "{ _id: 3 }"),
    ("db.orders.findOne({_id: 4})", "null"),
    ("db.orders.countDocuments()", "3"),
    ("db.orders.countDocuments({n: 9})", "0"),
    ("db.orders.countDocuments({}, {skip: 1, limit: 1})", "1"),
    ("db.orders.estimatedDocumentCount()", "3"),
    ("db.orders.count({n: 5})", "1"),
    ("db.orders.distinct('n')", "[ 5, 7 ]"),
    ("db.orders.aggregate([{$group: {_id: null, n: {$sum: '$n'}}}])", "[ { _id: null, n: 12 } ]"),
    ("db.orders.aggregate({$match: {n: 7}}, {$project: {_id: 1}})", "[ { _id: 2 } ]"),
    ("db.aggregate([{$documents: [{a: 1}]}])", "[ { a: 1 } ]"),
    ("db.orders.insertOne({_id: 'k'})", "{ acknowledged: true, insertedId: 'k' }"),
    (
        "db.orders.updateOne({_id: 1}, {$inc: {n: 1}})",
        "{\n  acknowledged: true,\n  insertedId: null,\n  matchedCount: 1,\n"
        "  modifiedCount: 1,\n  upsertedCount: 0\n}",
    ),
    (
        "db.orders.replaceOne({_id: 9}, {n: 1}, {upsert: true})",
        "{\n  acknowledged: true,\n  insertedId: 9,\n  matchedCount: 0,\n"
        "  modifiedCount: 0,\n  upsertedCount: 1\n}",
    ),
    ("db.orders.updateMany({}, {$set: {a: 1}}).x; db", None),
    ("db.orders.deleteOne({n: {$exists: true}})", "{ acknowledged: true, deletedCount: 1 }"),
    ("db.orders.deleteMany({})", "{ acknowledged: true, deletedCount: 3 }"),
    ("db.orders.remove({}, true)", "{ acknowledged: true, deletedCount: 1 }"),
    ("db.orders.findOneAndUpdate({_id: 2}, {$inc: {n: 1}})", "{ _id: 2, n: 7 }"),
    (
        "db.orders.findOneAndUpdate({_id: 2}, {$inc: {n: 1}}, {returnDocument: 'after'})",
        "{ _id: 2, n: 8 }",
    ),
    ("db.orders.findOneAndReplace({_id: 2}, {}, {returnNewDocument: true})", "{ _id: 2 }"),
    ("db.orders.findOneAndDelete({}, {sort: {_id: -1}, projection: {_id: 1}})", "{ _id: 3 }"),
    ("db.orders.findAndModify({query: {_id: 3}, remove: true})", "{ _id: 3 }"),
    (
        "db.orders.bulkWrite([{insertOne: {document: {_id: 4}}}, {updateMany: {filter: {}, "
        "update: {$set: {b: 1}}}}, {deleteOne: {filter: {_id: 4}}}])",
        "{\n  acknowledged: true,\n  insertedCount: 1,\n  insertedIds: { '0': 4 },\n"
        "  matchedCount: 4,\n  modifiedCount: 4,\n  deletedCount: 1,\n  upsertedCount: 0,\n"
        "  upsertedIds: {}\n}",
    ),
    ("db.runCommand({ping: 1})", "{ ok: 1 }"),
    ("db.adminCommand('ping')", "{ ok: 1 }"),
    ("5000000000", "5000000000"),
    ("'text'", "text"),
]


@pytest.mark.parametrize(("text", "expected"), SHOWN)
def test_what_is_shown(
    session: Session, capsys: pytest.CaptureFixture[str], text: str, expected: str | None
) -> None:
    shown(session, capsys, ORDERS)
    if expected is None:
        refused(session, capsys, text)
    else:
        assert shown(session, capsys, text) == (f"{expected}\n" if expected else "")


def test_a_document_without_a_key_gets_one(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    told = shown(session, capsys, "db.c.insertOne({a: 1})")
    key = told.partition("insertedId: ")[2].partition("\n")[0]
    assert key.startswith("ObjectId('")
    assert shown(session, capsys, "db.c.find()").startswith(f"[ {{ _id: {key}, a: 1 }} ]")


def test_many_documents(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    many = ", ".join(f"{{_id: {number}}}" for number in range(150))
    shown(session, capsys, f"db.c.insertMany([{many}])")
    lines = shown(session, capsys, "db.c.find().sort({_id: 1})").splitlines()
    assert lines[:2] == ["[", "  { _id: 0 },"]
    assert lines[-2:] == ["  { _id: 149 }", "]"]
    assert len(lines) == 152


# What is refused

REFUSED = [
    ("db.c.find({$foo: 1})", "MongoServerError[BadValue]: unknown top level operator: $foo"),
    ("db.runCommand({foo: 1})", "MongoServerError[CommandNotFound]: no such command"),
    ("db.c.fnd()", "HINT: did you mean find?"),
    ("db.foo()", "db.foo is not a method"),
    ("db.c.find", "write find(…)"),
    ("db.getName", "write getName(…)"),
    ("db.c.find().foo()", "foo is not a method of find's cursors"),
    ("db.c.find().forEach()", "forEach takes a function"),
    ("db.c.find().length", "is JavaScript's"),
    ("db.c.countDocuments().limit(1)", "limit is not what can follow here"),
    ("db.c.find(1, 2, 3, 4)", "find takes (filter, projection, options)"),
    ("db.c.find({}, {}, 5)", "options are a document"),
    ("db.c.find().sort()", "sort takes (value)"),
    ("db.c.insertOne(5)", "a document is due"),
    ("db.c.insertMany({})", "takes an array of documents"),
    ("db.c.updateOne({}, {a: 1})", "HINT: replaceOne takes a whole document"),
    ("db.c.replaceOne({}, {$set: {}})", "HINT: updateOne takes operators"),
    ("db.c.findOneAndUpdate({}, {$set: {}}, {returnDocument: 'x'})", "'before' or 'after'"),
    ("db.c.bulkWrite([])", "takes an array of writes"),
    ("db.c.bulkWrite([{foo: {}}])", "foo is no write of bulkWrite"),
    ("db.c.createIndex({})", "an index's keys are a document"),
    ("db.c.dropIndex('*')", "dropIndexes() drops all"),
    ("db.c.explain()", "goes before a method"),
    ("db.runCommand(5)", "a command is a document"),
    ("db.getSiblingDB('a b').c.find()", "cannot be the name of a database"),
    ("use", "use takes the name"),
    ("show nothing", "show takes dbs or collections"),
    ("it again", "it stands by itself"),
    ("db.c.insertMany([{_id: 1}, {_id: 1}])", "MongoBulkWriteError: E11000"),
    ("db.c.insertOne({'a\\0b': 1})", "this is no document"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_is_refused(
    session: Session, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    assert message in refused(session, capsys, text)


def test_a_bulk_write_tells_what_was_done(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(
        session, capsys, "db.c.bulkWrite([{insertOne: {_id: 1}}, {insertOne: {_id: 1}}])"
    )
    assert "insertedCount: 1" in told
    assert shown(session, capsys, "db.c.find()") == "[ { _id: 1 } ]\n"


# The shell


def test_a_shell(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    shell = Shell("shop.db", session)
    many = ", ".join(f"{{_id: {number}, name: 'a name'}}" for number in range(45))
    shell.take(f"db.c.insertMany([{many}])")
    for text in ("db.c.find()", "it", "it", "it", "use other", "db", "show", "const x = 1"):
        capsys.readouterr()
        shell.take(text)
        told = capsys.readouterr()
        if text == "db.c.find()":
            assert told.out.count("_id") == 20
            assert told.out.endswith('Type "it" for more\n')
    assert "const is a word of JavaScript" in told.err
    assert session.database == "other"
    with pytest.raises(Leave):
        shell.take("db; exit")


def test_help(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    assert "show collections" in shown(session, capsys, "help")
    assert "runCommand" in shown(session, capsys, "db.help()")
    assert "insertMany" in shown(session, capsys, "db.c.help()")
    assert "limit" in shown(session, capsys, "db.c.find().help()")


@pytest.mark.parametrize(
    ("text", "some"),
    [
        ("", {"db", "show", "use"}),
        ("sh", {"show"}),
        ("show t", {"tables"}),
        ("db.o", {"orders"}),
        ("db.ord", {"orders"}),
        ("db.orders.ins", {"insertOne", "insertMany", "insert"}),
        ("db['orders'].findOneAndU", {"findOneAndUpdate"}),
        ("db.dropD", {"dropDatabase"}),
        ("db.orders.find().li", {"limit"}),
        ("db.orders.find({n: {$g", {"$gt", "$gte"}),
        ("db.orders.updateOne({}, {$se", {"$set", "$setOnInsert"}),
        ("db.orders.aggregate([{$gro", {"$group"}),
        ("db.orders.find({wh", {"who", "who.name"}),
        ("db.orders.find({'who.n", {"who.name"}),
        ("db.orders.find({n: Lo", {"Long", "Long.fromString", "Long.fromNumber"}),
        ("nothing.at", set()),
    ],
)
def test_completion(
    session: Session, capsys: pytest.CaptureFixture[str], text: str, some: set[str]
) -> None:
    shown(session, capsys, ORDERS)
    offered = MongoCompleter(session).get_completions(Document(text), CompleteEvent())
    found = {completion.text for completion in offered}
    assert some <= found
    assert bool(some) == bool(found)


def test_the_operators_offered_are_those_there_are() -> None:
    assert set(operators.STAGES) == set(STAGES)
    assert set(operators.EXPRESSIONS) == {*OPERATORS, *ACCUMULATORS, *WINDOW_FUNCTIONS}
