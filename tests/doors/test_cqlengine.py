"""cqlengine, the object mapper of cassandra-driver: tables from classes, queries, batches.

With FIVEFOLD_CASSANDRA_JUDGE=host:port the same is asked of a real Cassandra.
"""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Iterator
from decimal import Decimal

import pytest
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.cqlengine import columns, connection, management
from cassandra.cqlengine.functions import Token
from cassandra.cqlengine.models import Model
from cassandra.cqlengine.query import BatchQuery, DoesNotExist, LWTException
from cassandra.cqlengine.usertype import UserType
from cassandra.policies import RoundRobinPolicy
from cassandra.query import BatchType, dict_factory
from cassandra.util import Duration

import fivefold
from tests.doors.cassandra import JUDGE, judge

KEYSPACE = "cdoors_mapped"


class Address(UserType):  # type: ignore[misc]
    street = columns.Text()
    number = columns.Integer()


class Order(Model):  # type: ignore[misc]
    __keyspace__ = KEYSPACE
    __table_name__ = "orders"
    customer = columns.Text(partition_key=True)
    at = columns.DateTime(primary_key=True, clustering_order="DESC")
    id = columns.UUID(default=uuid.uuid4)
    city = columns.Text(index=True)
    total = columns.Decimal()
    lines = columns.List(columns.Text)
    tags = columns.Set(columns.Text)
    counts = columns.Map(columns.Text, columns.Integer)
    place = columns.UserDefinedType(Address)


class Visits(Model):  # type: ignore[misc]
    __keyspace__ = KEYSPACE
    page = columns.Text(partition_key=True)
    count = columns.Counter()


@pytest.fixture
def mapped(store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CQLENG_ALLOW_SCHEMA_MANAGEMENT", "1")
    if JUDGE is not None:
        host, port = judge()
        yield from connected(port, host)
        return
    with fivefold.serving(store_url, only=["cassandra"], durability="off") as server:
        yield from connected(server.ports["cassandra"])


def connected(port: int, host: str = "127.0.0.1") -> Iterator[None]:
    """cqlengine over a server, with the tables made."""
    profile = ExecutionProfile(RoundRobinPolicy(), request_timeout=30.0, row_factory=dict_factory)
    cluster = Cluster([host], port=port, execution_profiles={EXEC_PROFILE_DEFAULT: profile})
    connection.register_connection("mapped", session=cluster.connect(), default=True)
    try:
        management.create_keyspace_simple(KEYSPACE, 1)
        for model in (Order, Visits):
            management.sync_table(model)
        yield
        management.drop_keyspace(KEYSPACE)
    finally:
        connection.unregister_connection("mapped")
        cluster.shutdown()


AT = dt.datetime(2024, 2, 29, 12)


def test_everyday(mapped: None) -> None:
    for n in range(5):
        Order.create(
            customer="ann", at=AT + dt.timedelta(hours=n), city="Rome" if n % 2 else "Oslo",
            total="1.50", lines=["a", "b"], tags={"x", str(n)}, counts={"a": n},
            place=Address(street="High", number=n),
        )  # fmt: skip
    assert Order.objects(customer="ann").count() == 5
    newest = Order.objects(customer="ann").first()
    assert newest.at == AT + dt.timedelta(hours=4)
    assert newest.place.number == 4
    assert newest.tags == {"x", "4"}
    since = Order.objects(customer="ann", at__gte=AT + dt.timedelta(hours=3)).limit(10)
    assert len(since) == 2
    assert {each.counts["a"] for each in Order.objects(city="Oslo")} == {0, 2, 4}
    Order.objects(customer="ann", at=newest.at).update(
        city="Bern", lines__append=["c"], tags__remove={"x"}, counts__update={"b": 9}
    )
    again = Order.get(customer="ann", at=newest.at)
    assert (again.city, again.lines, again.tags) == ("Bern", ["a", "b", "c"], {"4"})
    assert again.counts == {"a": 4, "b": 9}
    again.delete()
    with pytest.raises(DoesNotExist):
        Order.get(customer="ann", at=newest.at)
    assert [*Order.objects(customer="ann").values_list("city", flat=True)] == [
        *("Rome", "Oslo", "Rome", "Oslo")
    ]


def test_conditions_and_batches(mapped: None) -> None:
    Order.if_not_exists().create(customer="bob", at=AT, city="Rome")
    with pytest.raises(LWTException):
        Order.if_not_exists().create(customer="bob", at=AT, city="Oslo")
    one = Order.get(customer="bob", at=AT)
    with pytest.raises(LWTException):
        one.iff(city="Oslo").update(city="Bern")
    one.iff(city="Rome").update(city="Bern")
    with BatchQuery() as batch:
        for n in range(3):
            Order.batch(batch).create(customer="eve", at=AT + dt.timedelta(n), city="Rome")
    assert Order.objects(customer="eve").count() == 3


def test_counters(mapped: None) -> None:
    for _ in range(3):
        Visits.objects(page="/").update(count=2)
    assert Visits.get(page="/").count == 6


def test_the_schema_grows(mapped: None) -> None:
    class Grown(Model):  # type: ignore[misc]
        __keyspace__ = KEYSPACE
        __table_name__ = "orders"
        customer = columns.Text(partition_key=True)
        at = columns.DateTime(primary_key=True, clustering_order="DESC")
        note = columns.Text()

    management.sync_table(Grown)
    Grown.create(customer="ann", at=AT, note="new")
    assert Grown.get(customer="ann", at=AT).note == "new"


class Everything(Model):  # type: ignore[misc]
    __keyspace__ = KEYSPACE
    id = columns.UUID(primary_key=True, default=uuid.uuid4)
    kind = columns.Ascii(primary_key=True, clustering_order="DESC")
    big = columns.BigInt()
    raw = columns.Blob()
    yes = columns.Boolean()
    day = columns.Date()
    exact = columns.Decimal()
    double = columns.Double()
    span = columns.Duration()
    single = columns.Float()
    net = columns.Inet()
    small = columns.SmallInt()
    time = columns.Time()
    at = columns.DateTime()
    made = columns.TimeUUID()
    tiny = columns.TinyInt()
    huge = columns.VarInt()
    pair = columns.Tuple(columns.Integer, columns.Text)
    nested = columns.Map(columns.Text, columns.List(columns.Integer))
    home = columns.UserDefinedType(Address)
    owner = columns.Text(static=True)


def test_columns_of_all_types(mapped: None) -> None:
    management.sync_table(Everything)
    given = {
        "big": 2**62, "raw": b"\xff\x00", "yes": True, "day": dt.date(2024, 2, 29),
        "exact": Decimal("1.50"), "double": 1e300, "span": Duration(1, 2, 3), "single": 0.5,
        "net": "::1", "small": -300, "time": dt.time(12, 30, 1), "at": AT,
        "made": uuid.uuid1(), "tiny": -5, "huge": 10**30, "pair": (1, "one"),
        "nested": {"a": [1, 2], "b": []}, "home": Address(street="High", number=3),
        "owner": "ann",
    }  # fmt: skip
    one = Everything.create(kind="x", **given)
    again = Everything.get(id=one.id, kind="x")
    for name, value in given.items():
        came = getattr(again, name)
        if name == "day":
            came = came.date()
        elif name == "time":
            came = came.time()
        assert came == value, name
    Everything.create(id=one.id, kind="y", owner="bob")
    assert Everything.get(id=one.id, kind="x").owner == "bob"
    again.update(big=None, nested={"c": [9]}, home=Address(street="Low"))
    changed = Everything.get(id=one.id, kind="x")
    assert (changed.big, changed.nested) == (None, {"c": [9]})
    assert (changed.home.street, changed.home.number) == ("Low", None)
    management.drop_table(Everything)


class Entry(Model):  # type: ignore[misc]
    __keyspace__ = KEYSPACE
    book = columns.Integer(partition_key=True)
    page = columns.Integer(primary_key=True)
    line = columns.Integer(primary_key=True)
    text = columns.Text()


def test_relations_of_keys(mapped: None) -> None:
    management.sync_table(Entry)
    with BatchQuery() as batch:
        for book, page, line in itertools.product(range(3), range(4), range(5)):
            Entry.batch(batch).create(book=book, page=page, line=line, text=f"{book}{page}{line}")
    assert Entry.objects(book=1).count() == 20
    mine = Entry.objects(book=1)
    assert mine.filter(page=2, line__gt=1, line__lte=3).count() == 2
    assert mine.filter(page__in=[0, 3], line=4).count() == 2
    assert [each.page for each in mine.order_by("-page").limit(6)] == [3] * 5 + [2]
    assert Entry.objects(book__in=[0, 2]).limit(None).count() == 40
    assert {each.book for each in Entry.objects.distinct(["book"])} == {0, 1, 2}
    # In pages, and on from a token.
    assert len([*Entry.objects.fetch_size(7).limit(None)]) == 60
    first = Entry.objects.limit(1).first()
    rest = Entry.objects.filter(pk__token__gt=Token(first.book)).limit(None)
    assert {each.book for each in rest} == {0, 1, 2} - {first.book}
    assert len([*rest]) == 40
    assert Entry.objects.filter(text="123").allow_filtering().get().page == 2
    assert mine.only(["text"]).first().text == "100"
    assert mine.filter(page=3).values_list("line", "text")[0] == [0, "130"]
    Entry.objects(book=1, page=3).delete()
    assert Entry.objects(book=1).count() == 15
    management.drop_table(Entry)


def test_times_and_conditions(mapped: None) -> None:
    one = Order.ttl(1000).timestamp(dt.timedelta(seconds=5)).create(customer="tim", at=AT, city="a")
    assert one.city == "a"
    with pytest.raises(LWTException) as lost:
        Order.objects(customer="tim", at=AT).iff(city="b").update(city="c")
    assert lost.value.existing == {"[applied]": False, "city": "a"}
    with pytest.raises(LWTException):
        Order.objects(customer="tom", at=AT).if_exists().update(city="c")
    Order.objects(customer="tim", at=AT).if_exists().delete()
    assert Order.objects(customer="tom").count() == 0
    # Older than what is there: it changes nothing.
    Order.create(customer="old", at=AT, city="new")
    Order.objects(customer="old", at=AT).timestamp(dt.datetime(2001, 1, 1)).update(city="older")
    assert Order.get(customer="old", at=AT).city == "new"


def test_counters_go_both_ways(mapped: None) -> None:
    for change in (10, -3):
        Visits.objects(page="/a").update(count=change)
    with BatchQuery(batch_type=BatchType.COUNTER) as batch:
        for page in ("/a", "/b"):
            Visits.objects(page=page).batch(batch).update(count=5)
    assert {each.page: each.count for each in Visits.objects.all()} == {"/a": 12, "/b": 5}


class Place(UserType):  # type: ignore[misc]
    name = columns.Text()
    addresses = columns.List(columns.UserDefinedType(Address))


def test_user_types(mapped: None) -> None:
    management.sync_type(KEYSPACE, Place)

    class Trip(Model):  # type: ignore[misc]
        __keyspace__ = KEYSPACE
        id = columns.Integer(primary_key=True)
        stops = columns.List(columns.UserDefinedType(Place))

    management.sync_table(Trip)
    stop = Place(name="Rome", addresses=[Address(street="Via", number=1)])
    Trip.create(id=1, stops=[stop])
    (came,) = Trip.get(id=1).stops
    assert (came.name, came.addresses[0].street) == ("Rome", "Via")

    class Grown(UserType):  # type: ignore[misc]
        __type_name__ = "place"
        name = columns.Text()
        addresses = columns.List(columns.UserDefinedType(Address))
        note = columns.Text()

    management.sync_type(KEYSPACE, Grown)
    fields = connection.get_cluster().metadata.keyspaces[KEYSPACE].user_types["place"].field_names
    assert fields == ["name", "addresses", "note"]
    management.drop_table(Trip)
