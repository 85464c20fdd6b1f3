"""A refused row is named: code, constraint, column, table and the values, as PostgreSQL says it."""

from __future__ import annotations

import pytest

from fivefold.catalog.changes import CreateNamespace
from fivefold.catalog.containers import Action, Check, Index, IndexPart, Key
from fivefold.stores.contract import Connection, Store
from tests.stores.tools import Talk, fails, reference, table


@pytest.fixture
def one(store: Store, first: Connection) -> Talk:
    talk = Talk(store, first)
    talk.change(CreateNamespace("shop"))
    talk.create(
        table(
            "shop.item",
            "id int4 not null",
            "code text not null",
            "n int4",
            "rest text",
            key="id",
            unique=[Key("item_code_n_key", ("code", "n"))],
            checks=[Check("item_n_check", "n > 0")],
            indexes=[Index("item_rest", (IndexPart("rest"),), unique=True, where="n > 100")],
        ),
        bound={"n > 0": "n > 0", "n > 100": "n > 100"},
    )
    talk.create(
        table(
            "shop.line",
            "no int4 not null",
            "item int4",
            "pair text",
            "n int4",
            key="no",
            foreign=[reference("line", "item", "shop.item", "id")],
        ),
        table("pair", "a int4 not null", "b text not null", key="a b"),
    )
    talk.say("INSERT INTO {item} (id, code, n, rest) VALUES (1, 'a', 5, 'r'), (2, 'b', 200, 's')")
    talk.say("INSERT INTO {line} (no, item) VALUES (10, 1)")
    talk.say("INSERT INTO {pair} (a, b) VALUES (1, 'x')")
    return talk


# statement, code, message, constraint or column, detail
REFUSED = [
    (
        "INSERT INTO {item} (id, code) VALUES (3, 'c'), (1, 'd')",
        "unique_violation",
        'duplicate key value violates unique constraint "item_pkey"',
        "item_pkey",
        "Key (id)=(1) already exists.",
    ),
    (
        "UPDATE {item} SET code = 'b', n = 200 WHERE id = 1",
        "unique_violation",
        'duplicate key value violates unique constraint "item_code_n_key"',
        "item_code_n_key",
        "Key (code, n)=(b, 200) already exists.",
    ),
    (
        "INSERT INTO {item} (id, code, n, rest) VALUES (4, 'z', 101, 's')",
        "unique_violation",
        'duplicate key value violates unique constraint "item_rest"',
        "item_rest",
        "Key (rest)=(s) already exists.",
    ),
    (
        "INSERT INTO {pair} (a, b) VALUES (1, 'x')",
        "unique_violation",
        'duplicate key value violates unique constraint "pair_pkey"',
        "pair_pkey",
        "Key (a, b)=(1, x) already exists.",
    ),
    (
        "INSERT INTO {item} (id, n) VALUES (3, 7)",
        "not_null_violation",
        'null value in column "code" of relation "item" violates not-null constraint',
        "code",
        "Failing row contains (3, null, 7, null).",
    ),
    (
        "INSERT INTO {pair} (b) VALUES ('c')",
        "not_null_violation",
        'null value in column "a" of relation "pair" violates not-null constraint',
        "a",
        "Failing row contains (null, c).",
    ),
    (
        "UPDATE {item} SET n = 0 WHERE id = 2",
        "check_violation",
        'new row for relation "item" violates check constraint "item_n_check"',
        "item_n_check",
        "Failing row contains (2, b, 0, s).",
    ),
    (
        "INSERT INTO {line} (no, item) VALUES (11, 99)",
        "foreign_key_violation",
        'insert or update on table "line" violates foreign key constraint "line_item_fkey"',
        "line_item_fkey",
        'Key (item)=(99) is not present in table "item".',
    ),
    (
        "UPDATE {line} SET item = 98",
        "foreign_key_violation",
        'insert or update on table "line" violates foreign key constraint "line_item_fkey"',
        "line_item_fkey",
        'Key (item)=(98) is not present in table "item".',
    ),
    (
        "DELETE FROM {item}",
        "foreign_key_violation",
        'update or delete on table "item" violates foreign key constraint "line_item_fkey"'
        ' on table "line"',
        "line_item_fkey",
        'Key (id)=(1) is still referenced from table "line".',
    ),
    (
        "UPDATE {item} SET id = 50 WHERE id = 1",
        "foreign_key_violation",
        'update or delete on table "item" violates foreign key constraint "line_item_fkey"'
        ' on table "line"',
        "line_item_fkey",
        'Key (id)=(1) is still referenced from table "line".',
    ),
]


@pytest.mark.parametrize("within", [False, True])
def test_refusals_name_what_was_hurt(one: Talk, within: bool) -> None:
    before = one.rows("shop.item"), one.rows("shop.line"), one.rows("pair")
    for text, code, message, named, detail in REFUSED:
        if within:
            one.on.begin(write=True)
            one.say("DELETE FROM {line} WHERE no = 12345")
        with fails(code) as caught:
            one.say(text)
        error = caught.value
        assert error.message == message
        assert error.detail == detail, text
        assert named == (error.column if code == "not_null_violation" else error.constraint), text
        assert error.container == ("pair" if "pair" in message else "line" if "line" in message
                                   else "item")  # fmt: skip
        assert error.namespace == ("public" if "pair" in message else "shop")
        assert not error.retry
        if within:
            assert one.on.in_transaction
            one.on.commit()
    assert (one.rows("shop.item"), one.rows("shop.line"), one.rows("pair")) == before


def test_long_values_are_cut_in_details(one: Talk) -> None:
    long = "y" * 1000
    one.say("INSERT INTO {item} (id, code, n) VALUES (7, 'q', 1)")
    with fails("check_violation") as caught:
        one.say(f"UPDATE {{item}} SET n = -1, rest = '{long}' WHERE id = 7")
    assert caught.value.detail == f"Failing row contains (7, q, -1, {'y' * 64}...)."


@pytest.mark.parametrize(
    ("action", "left"),
    [
        (Action.CASCADE, []),
        (Action.SET_NULL, [(1, None)]),
        (Action.RESTRICT, None),
        (Action.NO_ACTION, None),
    ],
)
def test_actions_on_delete(one: Talk, action: Action, left: list[object] | None) -> None:
    key = reference("c", "item", "shop.item", "id", on_delete=action)
    one.create(table("c", "id int4 not null", "item int4", key="id", foreign=[key]))
    one.say("INSERT INTO {c} (id, item) VALUES (1, 2)")
    if left is None:
        with fails("foreign_key_violation") as caught:
            one.say("DELETE FROM {item} WHERE id = 2")
        assert caught.value.constraint == "c_item_fkey"
        left = [(1, 2)]
    else:
        one.say("DELETE FROM {item} WHERE id = 2")
    assert one.rows("c") == left


def test_actions_on_update(one: Talk) -> None:
    key = reference("c", "item", "shop.item", "id", on_update=Action.CASCADE)
    one.create(table("c", "id int4 not null", "item int4", key="id", foreign=[key]))
    one.say("INSERT INTO {c} (id, item) VALUES (1, 2)")
    one.say("UPDATE {item} SET id = 20 WHERE id = 2")
    assert one.rows("c") == [(1, 20)]


def test_a_violation_while_rows_are_streamed_has_its_code(one: Talk) -> None:
    rows = one.on.stream(one.store.prepare(one.statement("SELECT a FROM {pair}")))
    next(rows)
    with fails("unique_violation") as caught:
        one.say("INSERT INTO {item} (id, code) VALUES (1, 'd')")
    assert caught.value.constraint == "item_pkey"
    assert list(rows) == []


def test_a_violation_in_a_deferred_key_of_the_parent(one: Talk) -> None:
    key = reference("c", "item", "shop.item", "id", deferrable=True, initially_deferred=True)
    one.create(table("c", "id int4 not null", "item int4", key="id", foreign=[key]))
    one.say("INSERT INTO {c} (id, item) VALUES (1, 2)")
    one.on.begin(write=True)
    one.say("DELETE FROM {item} WHERE id = 2")
    with fails("foreign_key_violation") as caught:
        one.on.commit()
    assert caught.value.constraint == "c_item_fkey"
    assert len(one.rows("shop.item")) == 2
