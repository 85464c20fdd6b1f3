"""cqlengine, the object mapper of cassandra-driver: tables from classes, queries, batches."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

import pytest
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.cqlengine import columns, connection, management
from cassandra.cqlengine.models import Model
from cassandra.cqlengine.query import BatchQuery, DoesNotExist, LWTException
from cassandra.cqlengine.usertype import UserType
from cassandra.policies import RoundRobinPolicy
from cassandra.query import dict_factory

import fivefold

KEYSPACE = "mapped"


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
    with fivefold.serving(store_url, only=["cassandra"], durability="off") as server:
        yield from connected(server.ports["cassandra"])


def connected(port: int) -> Iterator[None]:
    """cqlengine over a server, with the tables made."""
    profile = ExecutionProfile(RoundRobinPolicy(), row_factory=dict_factory)
    cluster = Cluster(["127.0.0.1"], port=port, execution_profiles={EXEC_PROFILE_DEFAULT: profile})
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
