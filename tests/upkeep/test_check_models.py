"""``fivefold check`` of the models' own tables: each kind of disagreement is found and named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fivefold.stores.findings import Fault
from fivefold.upkeep.checking import check
from fivefold.upkeep.report import Report
from tests.upkeep.stores import change, make

ORDERS = ("shop", "orders")
NODES = ("neo4j", "nodes")
KEYS = ("redis_0", "keys")
EVENTS = ("ks", "events")

Damage = Callable[..., Report]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "shop.db"
    make(path)
    return path


@pytest.fixture
def damaged(sound: Path, tmp_path: Path) -> Damage:
    """Returns what is said of a copy of the store in which text was run behind fivefold's back."""

    def damage(*texts: str) -> Report:
        path = tmp_path / "shop.db"
        shutil.copy(sound, path)
        change(path, *texts)
        return check(str(path))

    return damage


def expect(report: Report, fault: Fault, place: tuple[str, str], *messages: str) -> None:
    """Every finding is of this fault and place, and each message is among them."""
    assert {(finding.fault, finding.place) for finding in report.findings} == {(fault, place)}
    said = [finding.message for finding in report.findings]
    for message in messages:
        assert any(message in each for each in said), said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            """UPDATE "shop.orders$" SET doc = jsonb('{"_id": 5, "sku": "o"}') WHERE place = 6""",
            "place 6: its shadow",
        ),
        ("""UPDATE "shop.orders$" SET bson = x'00' WHERE place = 6""", "place 6 cannot be read"),
        ("""UPDATE "shop.orders$" SET key = x'00' WHERE place = 6""", "place 6: its key is not"),
    ],
)
def test_a_document(damaged: Damage, text: str, message: str) -> None:
    report = damaged(text)
    assert message in "\n".join(finding.message for finding in report.findings)
    assert {finding.place for finding in report.findings} == {ORDERS}


def test_keys_of_documents(damaged: Damage) -> None:
    report = damaged(
        """DELETE FROM "shop.orders$tags_1" WHERE place = 6""",
        """INSERT INTO "shop.orders$sku_1" VALUES (x'0102', 700)""",
    )
    expect(
        *(report, Fault.INDEX, ORDERS),
        "index tags_1 lacks a key of the document at place 6",
        "index sku_1 has a key too many of the document at place 700",
    )
    assert len(report.findings) == 3  # two tags


def test_a_document_is_gone(damaged: Damage) -> None:
    report = damaged("""DELETE FROM "shop.orders$" WHERE place = 6""")
    expect(report, Fault.INDEX, ORDERS, "index sku_1 has a key too many", "index tags_1")


def test_a_shape_that_knows_too_little(damaged: Damage) -> None:
    report = damaged(
        "UPDATE fivefold_containers SET definition = replace(definition, '[\"n\",', '[\"no\",')"
        " WHERE name = 'orders'"
    )
    expect(report, Fault.ROWS, ORDERS, "the collection's shape does not know 'n'")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("UPDATE K SET kind = 'none' WHERE kind = 'string'", "of a kind that there is not"),
        ("UPDATE K SET value = NULL WHERE kind = 'string'", "a string without a value"),
        ("UPDATE K SET value = x'00' WHERE kind = 'set'", "a value beside its elements"),
        ("UPDATE K SET count = NULL WHERE kind = 'set'", "does not know how many elements"),
        ("UPDATE K SET count = 7 WHERE kind = 'stream'", "it has 7 elements, and has 1"),
        ("DELETE FROM K WHERE kind = 'list'", "list_items has 20 elements of a key that is not"),
        ("UPDATE K SET first = first + 1 WHERE kind = 'list'", "hole among the positions"),
        ('UPDATE "redis_0.set_members" SET slot = 90 WHERE slot = 3', "hole among the slots"),
        ('DELETE FROM "redis_0.stream_groups"', "of a group that is not"),
        ("UPDATE K SET state = '2' WHERE kind = 'zset'", "has 1 levels of blocks, and says 2"),
        (
            'UPDATE "redis_0.sorted_set_blocks" SET count = 3 WHERE score > 400',
            "blocks that do not",
        ),
        ('UPDATE "redis_0.sorted_set_members" SET score = 0.5 WHERE score = 900', "blocks that do"),
    ],
)
def test_keys(damaged: Damage, text: str, message: str) -> None:
    texts = [text.replace(" K ", ' "redis_0.keys" ')]
    if "stream_groups" in text:
        consumer = "SELECT id, name, x'61', 0 FROM \"redis_0.stream_groups\""
        texts.insert(0, f'INSERT INTO "redis_0.stream_consumers" {consumer}')
    report = damaged(*texts)
    said = [finding.message for finding in report.findings]
    assert any(message in each for each in said), said
    assert {(finding.fault, finding.place) for finding in report.findings} == {(Fault.ROWS, KEYS)}


def test_two_keys_of_one_id(damaged: Damage) -> None:
    report = damaged(
        """UPDATE "redis_0.keys" SET id = (SELECT id FROM "redis_0.keys" WHERE kind = 'set')"""
        " WHERE kind = 'string'"
    )
    expect(report, Fault.ROWS, KEYS, "key 'word' has the id of another")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('UPDATE "neo4j.nodes$" SET kind = 90 WHERE id = 3', "no set of labels of the number 90"),
        (
            "UPDATE \"neo4j.nodes$\" SET properties = jsonb('[]') WHERE id = 3",
            "node 3 cannot be read",
        ),
        ('UPDATE "neo4j.relationships$" SET type = 90 WHERE id = 3', "no type of the number 90"),
        ('UPDATE "neo4j.relationships$" SET target = 9000 WHERE id = 3', "has node 9000, which is"),
    ],
)
def test_a_graph(damaged: Damage, text: str, message: str) -> None:
    report = damaged(text)
    assert message in "\n".join(finding.message for finding in report.findings)
    assert {finding.place for finding in report.findings} == {NODES}


def test_keys_of_nodes(damaged: Damage) -> None:
    report = damaged("""DELETE FROM "neo4j.nodes$person_name" WHERE id = 3""")
    expect(report, Fault.INDEX, NODES, "index person_name lacks the key of node 3")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('UPDATE "ks.events$" SET [token$] = 7 WHERE at = 3', "d3, 3 has not the token"),
        ("UPDATE \"ks.events$\" SET [cells$] = '{' WHERE at = 3", "the row d3, 3 cannot be read"),
        ('UPDATE "ks.events$" SET marks = NULL WHERE at = 3', "a key too many of the row d3, 3"),
        ('DELETE FROM "ks.events$i$events_marks_idx" WHERE at = 3', "lacks a key of the row d3, 3"),
    ],
)
def test_a_column_family(damaged: Damage, text: str, message: str) -> None:
    report = damaged(text)
    assert message in "\n".join(finding.message for finding in report.findings)
    assert {finding.place for finding in report.findings} == {EVENTS}


def test_a_table_that_is_nobodys(damaged: Damage) -> None:
    report = damaged("DELETE FROM fivefold_containers WHERE namespace = 'shop' AND name = 'orders'")
    assert {finding.place for finding in report.findings} == {
        ("shop", "orders$"),
        ("shop", "orders$sku_1"),
        ("shop", "orders$tags_1"),
    }


def test_a_table_is_missing(damaged: Damage) -> None:
    report = damaged('DROP TABLE "shop.orders$sku_1"')
    expect(
        *(report, Fault.CATALOG, ORDERS),
        "there is no table for its index sku_1 (shop.orders$sku_1)",
    )
