"""Changes of schema keep every row, roll back, and are seen by other connections."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fivefold.catalog.changes import (
    AlterTable,
    CreateContainer,
    CreateIndex,
    CreateNamespace,
    DropContainer,
    DropIndex,
    DropNamespace,
    SetRole,
)
from fivefold.catalog.containers import (
    Action,
    Check,
    Column,
    Index,
    IndexPart,
    Key,
    Model,
    Sequence,
    View,
)
from fivefold.catalog.roles import Role
from fivefold.models.keyvalue import layout
from fivefold.plan.statement import Statement, Template
from fivefold.stores.contract import Connection, Store
from fivefold.values.types import INT4, INT8, TEXT
from tests.stores.tools import Talk, column, fails, reference, table, type_of


@pytest.fixture
def one(store: Store, first: Connection) -> Talk:
    """A connection to a store with a parent and a child, three rows each."""
    talk = Talk(store, first)
    talk.create(
        table("parent", "id int4 not null", "code text", "n int4", key="id"),
        table(
            "child",
            "id int8 not null",
            "parent_id int4",
            "note text",
            key="id",
            foreign=[reference("child", "parent_id", "parent", "id", on_delete=Action.CASCADE)],
        ),
    )
    talk.say("INSERT INTO {parent} (id, code, n) VALUES (1,'a',10), (2,'b',20), (3,NULL,30)")
    talk.say("INSERT INTO {child} (id, parent_id, note) VALUES (1,1,'x'), (2,1,'y'), (3,2,NULL)")
    return talk


@pytest.fixture
def other(store: Store, one: Talk, second: Connection) -> Talk:
    talk = Talk(store, second)
    talk.catalog()
    return talk


PARENTS = [(1, "a", 10), (2, "b", 20), (3, None, 30)]
CHILDREN = [(1, 1, "x"), (2, 1, "y"), (3, 2, None)]


def untouched(talk: Talk) -> None:
    """Every row is there, and the foreign key works on both sides."""
    assert talk.rows("child") == CHILDREN
    with fails("foreign_key_violation") as caught:
        talk.say("INSERT INTO {child} (id, parent_id) VALUES (9, 99)")
    assert caught.value.constraint == "child_parent_id_fkey"
    talk.on.begin(write=True)
    talk.say("DELETE FROM {parent}")
    assert talk.rows("child") == []  # ON DELETE CASCADE
    talk.on.rollback()
    assert talk.rows("child") == CHILDREN


def test_what_was_made_is_what_is_loaded(one: Talk, other: Talk) -> None:
    before = other.catalog()
    made = table(
        "t",
        "id int8 not null",
        "price numeric(10,2)",
        "name varchar(20) not null",
        key="id",
        unique=[Key("t_name_key", ("name",))],
        checks=[Check("t_price_check", "price > 0")],
        indexes=[
            Index("t_price_idx", (IndexPart("price", descending=True), IndexPart("name"))),
            Index("t_part_idx", (IndexPart("id"),), where="name IS NOT NULL"),
            Index("t_len_idx", (IndexPart("length(name)"),), unique=True),
        ],
    )
    bound = {
        "price > 0": "price IS NOT NULL",
        "name IS NOT NULL": "name IS NOT NULL",
        "length(name)": "length(name)",
    }
    one.create(made, bound=bound)
    assert one.table("t") == made
    assert other.on.moved()
    assert other.on.catalog_version() != before.version
    assert other.table("t") == made
    assert other.catalog().version == one.catalog().version


def test_versions_change_and_moved_says_so(one: Talk, other: Talk) -> None:
    while other.on.moved():
        other.catalog()
    assert not other.on.moved()
    version = other.on.catalog_version()
    one.create(table("t", "id int8"))
    assert other.on.moved()
    assert other.on.catalog_version() != version
    assert not other.on.moved()


def test_what_a_connection_commits_itself_does_not_move_it(one: Talk, other: Talk) -> None:
    one.create(table("t", "id int8"))
    for talk in (one, other):
        talk.on.begin(write=True)
        talk.on.moved()
        talk.on.commit()
        talk.on.begin(write=True)
        assert not talk.on.moved()
        talk.say("INSERT INTO {t} (id) VALUES (1)")
        talk.on.commit()
        talk.on.begin(write=True)
        assert not talk.on.moved()
        talk.on.rollback()


def test_moved_is_asked_by_a_transaction_of_what_it_sees(one: Talk, other: Talk) -> None:
    other.on.begin(write=False)
    other.on.moved()
    version = other.on.catalog_version()
    one.create(table("t", "id int8"))
    assert other.on.catalog_version() == version
    assert other.catalog().find("public", "t") is None
    other.on.commit()
    other.on.begin(write=True)
    assert other.on.moved()
    assert other.on.catalog_version() != version
    assert other.table("t")
    other.on.rollback()


def test_namespaces(one: Talk, other: Talk) -> None:
    one.change(CreateNamespace('shop "1"'))
    assert 'shop "1"' in other.catalog().namespaces
    one.create(table('shop "1".parent', "id int8 not null", key="id"))
    insert = Template("INSERT INTO {p} (id) VALUES (77)", {"p": ('shop "1"', "parent")})
    one.on.run(one.store.prepare(Statement(insert, writes=True)))
    found = one.catalog().find('shop "1"', "parent")
    assert found is not None
    one.change(DropContainer(found), DropNamespace('shop "1"'))
    assert other.catalog().namespaces == {"public"}
    assert other.rows("parent") == PARENTS


def test_rollback_takes_a_change_back(one: Talk, other: Talk) -> None:
    before = one.catalog()
    one.on.begin(write=True)
    one.create(table("t", "id int8"))
    one.say("INSERT INTO {t} (id) VALUES (1)")
    one.on.savepoint("s")
    one.alter("t", columns=(column("id int8"), column("b text")))
    assert len(one.table("t").columns) == 2
    one.on.rollback_to("s")
    assert one.table("t").columns == (column("id int8"),)
    assert one.rows("t") == [(1,)]
    one.alter("parent", name="elders")
    one.on.rollback()
    assert one.catalog() == before
    assert other.catalog() == before
    untouched(one)


def test_drop_takes_indexes_and_owned_sequences_along(one: Talk) -> None:
    one.create(table("t", "id int8 not null", key="id", indexes=[index("t_i", "id")]))
    one.change(CreateContainer(Sequence("public", "t_id_seq", owner=("t", "id"))))
    one.change(CreateContainer(Sequence("public", "free_seq", INT4, maximum=9)))
    one.change(DropContainer(one.table("t")))
    catalog = one.catalog()
    assert catalog.find("public", "t") is None
    assert catalog.find("public", "t_id_seq") is None
    free = catalog.find("public", "free_seq")
    assert free == Sequence("public", "free_seq", INT4, maximum=9)
    one.change(DropContainer(free))
    one.create(table("t", "id int8 not null", indexes=[index("t_i", "id")]))


def test_views_live_in_the_catalog(one: Talk, other: Talk) -> None:
    view = View("public", "v", "SELECT 1 AS a", (Column("a", INT4),))
    one.change(CreateContainer(view))
    assert other.catalog().find("public", "v") == view
    one.change(DropContainer(view))
    assert other.catalog().find("public", "v") is None


def index(name: str, *columns: str, unique: bool = False) -> Index:
    return Index(name, tuple(IndexPart(each) for each in columns), unique=unique)


def test_create_and_drop_index(one: Talk) -> None:
    made = index("parent_code", "code", unique=True)
    one.change(CreateIndex(one.table("parent"), made))
    assert one.table("parent").indexes == (made,)
    with fails("unique_violation") as caught:
        one.say("INSERT INTO {parent} (id, code) VALUES (4, 'a')")
    assert caught.value.constraint == "parent_code"
    assert caught.value.detail == "Key (code)=(a) already exists."
    one.change(DropIndex(one.table("parent"), made))
    one.say("INSERT INTO {parent} (id, code) VALUES (4, 'a')")
    with fails("unique_violation") as caught:
        one.change(CreateIndex(one.table("parent"), made))
    assert caught.value.message == 'could not create unique index "parent_code"'
    assert caught.value.detail == "Key (code)=(a) is duplicated."
    assert one.table("parent").indexes == ()


def test_expression_and_partial_indexes_are_unique_where_they_say(one: Talk) -> None:
    made = Index("low", (IndexPart("lower(code)"),), unique=True, where="n > 5")
    bound = {"lower(code)": "lower(code)", "n > 5": "n > 5"}
    one.change(CreateIndex(one.table("parent"), made, bound))
    one.say("INSERT INTO {parent} (id, code, n) VALUES (4, 'A', 1)")
    with fails("unique_violation") as caught:
        one.say("INSERT INTO {parent} (id, code, n) VALUES (5, 'A', 6)")
    assert caught.value.constraint == "low"


def test_key_value_containers_of_the_models(one: Talk, other: Talk) -> None:
    made = layout.containers(0)
    creating = [CreateContainer(container, layout.BOUND) for container in made]
    one.change(CreateNamespace(layout.namespace(0)), *creating)
    assert [other.catalog().find("redis_0", each.name) for each in made] == list(made)
    assert {each.model for each in made} == {Model.KEYVALUE}


# ALTER TABLE


def test_rename_columns(one: Talk) -> None:
    old = one.table("parent")
    one.on.begin(write=True)
    one.alter(
        "parent",
        renamed=[("id", "number"), ("code", "n"), ("n", "code")],
        columns=(column("number int4 not null"), column("n text"), column("code int4")),
        keys=(Key("parent_pkey", ("number",), primary=True),),
    )
    child = one.table("child")
    one.alter("child", foreign_keys=(replace(child.foreign_keys[0], target_columns=("number",)),))
    one.on.commit()
    assert one.rows("parent") == PARENTS
    assert [each.name for each in one.table("parent").columns] == ["number", "n", "code"]
    assert old != one.table("parent")
    untouched(one)


def test_rename_table(one: Talk) -> None:
    one.on.begin(write=True)
    one.alter("parent", name="elders")
    child = one.table("child")
    one.alter("child", foreign_keys=(replace(child.foreign_keys[0], target=("public", "elders")),))
    one.on.commit()
    assert one.catalog().find("public", "parent") is None
    assert one.rows("elders") == PARENTS
    one.on.begin(write=True)
    one.say("DELETE FROM {elders}")
    assert one.rows("child") == []
    one.on.rollback()
    one.create(table("parent", "id int4"))  # the name is free again


def test_move_table_to_another_namespace(one: Talk) -> None:
    one.change(CreateNamespace("other"))
    one.alter("child", namespace="other")
    assert one.catalog().find("public", "child") is None
    assert one.rows("other.child") == CHILDREN
    with fails("foreign_key_violation"):
        one.say("INSERT INTO {child} (id, parent_id) VALUES (9, 99)")


def test_add_columns(one: Talk) -> None:
    columns = one.table("parent").columns
    added = (column("flag bool not null"), Column("m", INT8, default="5"), column("t text"))
    one.alter("parent", columns=(*columns, *added), using={"flag": one_is_true(one), "m": "id * 2"})
    assert one.rows("parent") == [
        (1, "a", 10, 1, 2, None),
        (2, "b", 20, 1, 4, None),
        (3, None, 30, 1, 6, None),
    ]
    with fails("not_null_violation") as caught:
        one.say("INSERT INTO {parent} (id) VALUES (4)")
    assert caught.value.column == "flag"
    untouched(one)


def one_is_true(talk: Talk) -> str:
    """A true constant as each store keeps it (fixed texts are rare; the binder writes trees)."""
    return "1" if talk.store.gaps.in_process else "true"


def test_add_a_column_that_must_not_be_null(one: Talk) -> None:
    columns = one.table("parent").columns
    with fails("not_null_violation") as caught:
        one.alter("parent", columns=(*columns, column("more text not null")))
    assert caught.value.message == 'column "more" of relation "parent" contains null values'
    assert one.rows("parent") == PARENTS
    untouched(one)


def test_drop_columns(one: Talk) -> None:
    columns = one.table("parent").columns
    one.alter("parent", columns=(columns[0], columns[2]))
    assert one.rows("parent") == [(1, 10), (2, 20), (3, 30)]
    untouched(one)
    one.alter("parent", columns=(columns[0], column("code text")), using={})
    assert one.rows("parent") == [(1, None), (2, None), (3, None)]
    untouched(one)


def test_drop_the_column_of_a_foreign_key(one: Talk) -> None:
    child = one.table("child")
    one.alter("child", columns=(child.columns[0], child.columns[2]), foreign_keys=())
    assert one.rows("child") == [(1, "x"), (2, "y"), (3, None)]
    one.say("DELETE FROM {parent}")
    assert len(one.rows("child")) == 3


def test_change_a_type(one: Talk) -> None:
    columns = one.table("parent").columns
    one.alter(
        "parent",
        columns=(columns[0], columns[1], replace(columns[2], type=TEXT)),
        using={"n": "CAST(n * 2 AS text)"},
    )
    assert one.rows("parent") == [(1, "a", "20"), (2, "b", "40"), (3, None, "60")]
    untouched(one)
    one.alter(
        "parent",
        columns=(columns[0], columns[1], replace(columns[2], type=INT8)),
        using={"n": "CAST(n AS bigint)"} if not one.store.gaps.in_process
        else {"n": "CAST(n AS integer)"},
    )  # fmt: skip
    assert one.rows("parent") == [(1, "a", 20), (2, "b", 40), (3, None, 60)]
    untouched(one)


def test_widen_the_key_that_others_point_at(one: Talk) -> None:
    columns = one.table("parent").columns
    one.alter("parent", columns=(replace(columns[0], type=INT8), *columns[1:]), using={"id": "id"})
    assert one.rows("parent") == PARENTS
    untouched(one)


def test_set_and_drop_not_null(one: Talk) -> None:
    columns = one.table("parent").columns
    code, n = columns[1], columns[2]
    with fails("not_null_violation"):
        one.alter("parent", columns=(columns[0], replace(code, not_null=True), n))
    one.alter("parent", columns=(columns[0], code, replace(n, not_null=True)))
    with fails("not_null_violation") as caught:
        one.say("INSERT INTO {parent} (id) VALUES (4)")
    assert caught.value.detail == "Failing row contains (4, null, null)."
    one.alter("parent", columns=columns)
    one.say("INSERT INTO {parent} (id) VALUES (4)")
    assert len(one.rows("parent")) == 4


def test_add_and_drop_check(one: Talk) -> None:
    check = Check("parent_n_check", "n > 15")
    with fails("check_violation") as caught:
        one.alter("parent", checks=(check,), bound={"n > 15": "n > 15"})
    assert (
        caught.value.message
        == 'check constraint "parent_n_check" of relation "parent" is violated by some row'
    )
    check = Check("parent_n_check", "n > 5")
    one.alter("parent", checks=(check,), bound={"n > 5": "n > 5"})
    with fails("check_violation") as caught:
        one.say("UPDATE {parent} SET n = 1 WHERE id = 2")
    assert caught.value.constraint == "parent_n_check"
    assert caught.value.detail == "Failing row contains (2, b, 1)."
    untouched(one)
    one.alter("parent", checks=())
    one.say("UPDATE {parent} SET n = 1 WHERE id = 2")


def test_add_and_drop_unique(one: Talk) -> None:
    keys = one.table("parent").keys
    unique = Key("parent_code_key", ("code",))
    one.alter("parent", keys=(*keys, unique))
    with fails("unique_violation") as caught:
        one.say("UPDATE {parent} SET code = 'a'")
    assert caught.value.constraint == "parent_code_key"
    untouched(one)
    one.alter("parent", keys=(*keys, replace(unique, name="renamed_key")))
    with fails("unique_violation") as caught:
        one.say("UPDATE {parent} SET code = 'a'")
    assert caught.value.constraint == "renamed_key"
    one.alter("parent", keys=keys)
    one.say("UPDATE {parent} SET code = 'a'")
    with fails("unique_violation") as caught:
        one.alter("parent", keys=(*keys, unique))
    assert caught.value.message == 'could not create unique index "parent_code_key"'


def test_add_and_drop_foreign_key(one: Talk) -> None:
    child = one.table("child")
    one.alter("child", foreign_keys=())
    one.say("INSERT INTO {child} (id, parent_id) VALUES (4, 99)")
    with fails("foreign_key_violation") as caught:
        one.alter("child", foreign_keys=child.foreign_keys)
    assert caught.value.detail == 'Key (parent_id)=(99) is not present in table "parent".'
    one.say("DELETE FROM {child} WHERE id = 4")
    one.alter("child", foreign_keys=child.foreign_keys)
    untouched(one)
    one.alter(
        "child",
        foreign_keys=(replace(child.foreign_keys[0], on_delete=Action.SET_NULL),),
    )
    one.say("DELETE FROM {parent} WHERE id = 1")
    assert one.rows("child") == [(1, None, "x"), (2, None, "y"), (3, 2, None)]


def test_add_a_primary_key_later(one: Talk) -> None:
    one.create(table("t", "id int8", "name text"))
    one.say("INSERT INTO {t} (id, name) VALUES (1, 'a'), (2, 'b')")
    key = Key("t_pkey", ("id",), primary=True)
    columns = (column("id int8 not null"), column("name text"))
    one.say("INSERT INTO {t} (id, name) VALUES (1, 'c')")
    with fails("unique_violation"):
        one.alter("t", keys=(key,), columns=columns)
    one.say("DELETE FROM {t} WHERE name = 'c'")
    one.alter("t", keys=(key,), columns=columns)
    with fails("unique_violation") as caught:
        one.say("INSERT INTO {t} (id) VALUES (1)")
    assert caught.value.constraint == "t_pkey"
    one.say("INSERT INTO {t} (id, name) VALUES (1, 'z') ON CONFLICT (id) DO UPDATE SET name = 'z'")
    one.create(
        table("c", "t_id int8", foreign=[reference("c", "t_id", "t", "id")]),
    )
    one.say("INSERT INTO {c} (t_id) VALUES (1)")
    with fails("foreign_key_violation"):
        one.say("INSERT INTO {c} (t_id) VALUES (9)")
    columns = (*columns, column("more int4"))
    one.alter("t", columns=columns)
    assert one.rows("t") == [(1, "z", None), (2, "b", None)]
    with fails("unique_violation"):
        one.say("INSERT INTO {t} (id) VALUES (1)")


def test_indexes_follow_their_columns(one: Talk) -> None:
    one.change(CreateIndex(one.table("parent"), index("parent_code", "code", unique=True)))
    old = one.table("parent")
    one.alter(
        "parent",
        renamed=[("code", "mark")],
        columns=(old.columns[0], column("mark text"), old.columns[2]),
        indexes=(index("parent_code", "mark", unique=True),),
    )
    with fails("unique_violation") as caught:
        one.say("UPDATE {parent} SET mark = 'a'")
    assert caught.value.constraint == "parent_code"
    untouched(one)


def test_a_table_that_points_at_itself(one: Talk) -> None:
    one.create(
        table(
            "node",
            "id int8 not null",
            "up int8",
            key="id",
            foreign=[reference("node", "up", "node", "id")],
        )
    )
    one.say("INSERT INTO {node} (id, up) VALUES (1, NULL), (2, 1), (3, 2)")
    node = one.table("node")
    one.alter("node", columns=(*node.columns, column("name text")), using={"name": "'n'"})
    assert one.rows("node") == [(1, None, "n"), (2, 1, "n"), (3, 2, "n")]
    with fails("foreign_key_violation") as caught:
        one.say("DELETE FROM {node} WHERE id = 1")
    assert caught.value.constraint == "node_up_fkey"
    assert caught.value.detail == 'Key (id)=(1) is still referenced from table "node".'
    one.alter(
        "node",
        renamed=[("id", "key")],
        columns=(column("key int8 not null"), *one.table("node").columns[1:]),
        keys=(Key("node_pkey", ("key",), primary=True),),
        foreign_keys=(replace(node.foreign_keys[0], target_columns=("key",)),),
    )
    with fails("foreign_key_violation"):
        one.say("INSERT INTO {node} (key, up) VALUES (4, 9)")


def test_altering_beside_open_changes_of_rows(one: Talk) -> None:
    """The change and rows written before it in the same transaction commit together."""
    one.on.begin(write=True)
    one.say("INSERT INTO {parent} (id, code, n) VALUES (4, 'd', 40)")
    columns = one.table("parent").columns
    one.alter("parent", columns=(*columns, column("m int4")), using={"m": "n + 1"})
    one.say("INSERT INTO {parent} (id, m) VALUES (5, 1)")
    one.on.commit()
    assert [row[3] for row in one.rows("parent")] == [11, 21, 31, 41, 1]


def test_generated_columns(one: Talk) -> None:
    made = replace(
        table("g", "a int8 not null", key="a"),
        columns=(column("a int8 not null"), Column("twice", INT8, generated="a * 2")),
    )
    one.create(made, bound={"a * 2": "a * 2"})
    one.say("INSERT INTO {g} (a) VALUES (1), (2)")
    assert one.rows("g") == [(1, 2), (2, 4)]
    assert one.table("g") == made


def test_a_stale_statement_is_a_conflict(one: Talk, other: Talk) -> None:
    """What was prepared before another connection changed the schema is to be tried again."""
    select = other.store.prepare(other.statement("SELECT n FROM {parent} ORDER BY id"))
    for _ in range(4):
        assert other.on.run(select) == [(10,), (20,), (30,)]
    while other.on.moved():
        other.catalog()
    columns = one.table("parent").columns
    one.alter("parent", columns=columns[:2])
    with fails("serialization_failure"):
        other.on.run(select)
    assert other.on.moved()


def test_a_prepared_statement_outlives_a_change_of_type(one: Talk, other: Talk) -> None:
    """Its next run is answered from the new type, or is a conflict once."""
    select = other.store.prepare(other.statement("SELECT n FROM {parent} ORDER BY id"))
    for _ in range(4):
        assert other.on.run(select) == [(10,), (20,), (30,)]
    columns = one.table("parent").columns
    one.alter(
        "parent",
        columns=(*columns[:2], Column("n", TEXT)),
        using={"n": "CAST(n AS text)"},
    )
    if not one.store.gaps.in_process:
        with fails("serialization_failure"):
            other.on.run(select)
    assert other.on.run(select) == [("10",), ("20",), ("30",)]


def test_an_array_column_keeps_its_type(one: Talk) -> None:
    one.create(table("t", "a int4[]", "b varchar(5)", "c char(3)", "d timestamp", "e numeric(5,1)"))
    assert [each.type for each in one.table("t").columns] == [
        type_of(text) for text in ("int4[]", "varchar(5)", "char(3)", "timestamp", "numeric(5,1)")
    ]


def test_alter_of_a_change_that_fails_leaves_all_as_it_was(one: Talk) -> None:
    one.on.begin(write=True)
    one.say("INSERT INTO {parent} (id) VALUES (4)")
    old = one.table("parent")
    new = replace(
        old,
        name="elders",
        columns=(*old.columns[:2], Column("n", INT8), column("more int4")),
        checks=(Check("c", "n > 1000"),),
    )
    with fails("check_violation"):
        one.on.change_schema(
            AlterTable(old, new, using={"n": "n"}, bound={"n > 1000": "n > 1000"}), one.catalog()
        )
    if one.store.gaps.transactional_schema:
        assert one.on.in_transaction
    assert one.table("parent") == old
    assert len(one.rows("parent")) == 4
    one.on.rollback()
    untouched(one)


def test_roles(one: Talk, other: Talk) -> None:
    ann, bob = Role("ann", "kept"), Role('B\u00f6b\'s "role"')
    assert dict(one.catalog().roles) == {}
    one.change(SetRole(None, ann), SetRole(None, bob))
    assert dict(other.catalog().roles) == {"ann": ann, bob.name: bob}
    renewed = replace(ann, verifier="another")
    one.change(SetRole(ann, renewed))
    assert other.catalog().roles["ann"] == renewed
    one.change(SetRole(bob, None))
    assert dict(other.catalog().roles) == {"ann": renewed}
