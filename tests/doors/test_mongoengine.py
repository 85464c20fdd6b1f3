"""MongoEngine: a small shop, its references, embedded documents, queries, updates and files.

Source: MongoEngine's user guide, "Defining documents", "Querying the database", "GridFS".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import ClassVar

import mongoengine as me
import pytest
from mongoengine import errors
from mongoengine.connection import get_db

import fivefold
from fivefold.api.serving import Serving
from tests.conftest import empty_store


class Address(me.EmbeddedDocument):
    street = me.StringField(required=True)
    city = me.StringField()
    place = me.ListField(me.FloatField())


class Customer(me.Document):
    name = me.StringField(required=True, max_length=40)
    email = me.EmailField(unique=True, sparse=True)
    addresses = me.EmbeddedDocumentListField(Address)
    born = me.DateTimeField()
    meta: ClassVar = {
        "indexes": ["name", {"fields": ["-born"], "sparse": True}],
        "ordering": ["name"],
    }


class Shelf(me.Document):
    code = me.StringField(primary_key=True)


class Product(me.Document):
    sku = me.StringField(required=True)
    region = me.StringField(default="eu")
    title = me.StringField()
    price = me.DecimalField(precision=2)
    stock = me.IntField(default=0)
    tags = me.ListField(me.StringField())
    ratings = me.ListField(me.DictField())
    shelf = me.ReferenceField(Shelf, reverse_delete_rule=me.NULLIFY)
    extra = me.DictField()
    meta: ClassVar = {"indexes": ["tags", ("region", "-price")], "allow_inheritance": True}


class Book(Product):
    pages = me.IntField()


class Tariff(me.Document):
    product = me.ReferenceField(Product)
    region = me.StringField(default="eu", unique_with="product")
    tax = me.IntField()


class Line(me.EmbeddedDocument):
    product = me.ReferenceField(Product)
    n = me.IntField(default=1)


class Order(me.Document):
    number = me.SequenceField(primary_key=True)
    customer = me.ReferenceField(Customer, reverse_delete_rule=me.CASCADE, required=True)
    lines = me.EmbeddedDocumentListField(Line)
    placed = me.DateTimeField(default=lambda: dt.datetime(2024, 3, 1, 12))


class Invoice(me.Document):
    order = me.ReferenceField(Order, reverse_delete_rule=me.DENY)
    paper = me.FileField()


class Counted(me.Document):
    """A capped log."""

    text = me.StringField()
    meta: ClassVar = {"max_documents": 3, "max_size": 100_000}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    path = tmp_path_factory.mktemp("mongoengine") / "shop.db"
    with (
        empty_store(str(path)) as url,
        fivefold.serving(url, only=["mongodb"], durability="off") as serving,
    ):
        me.connect("shop", host=serving.urls["mongodb"], uuidRepresentation="standard")
        try:
            yield serving
        finally:
            me.disconnect_all()


@pytest.fixture(autouse=True)
def shop(server: Serving) -> None:
    """A few customers, products and orders, in collections made anew."""
    for kind in (Customer, Shelf, Product, Tariff, Order, Invoice, Counted):
        kind.drop_collection()
    get_db().drop_collection("mongoengine.counters")
    shelf = Shelf(code="s1").save()
    ada = Customer(
        name="Ada",
        email="ada@example.org",
        born=dt.datetime(1980, 5, 6),
        addresses=[Address(street="Main 1", city="Bern", place=[7.4, 46.9])],
    ).save()
    bob = Customer(name="Bob").save()
    pen = Product(sku="P1", title="A pen", price=Decimal("1.50"), stock=10, tags=["ink"])
    pen.shelf = shelf
    pen.save()
    book = Book(sku="B1", title="A book", price=Decimal("20.00"), stock=3, pages=300)
    book.tags = ["paper", "ink"]
    book.ratings = [{"by": "ada", "stars": 5}, {"by": "bob", "stars": 2}]
    book.save()
    Order(customer=ada, lines=[Line(product=pen, n=2), Line(product=book)]).save()
    Order(customer=bob, lines=[Line(product=pen)], placed=dt.datetime(2024, 3, 2)).save()


def test_references_are_followed() -> None:
    first = Order.objects.get(number=1)
    assert first.customer.name == "Ada"
    assert [line.product.sku for line in first.lines] == ["P1", "B1"]
    assert isinstance(first.lines[1].product, Book)
    assert first.lines[0].product.shelf.code == "s1"
    orders = Order.objects.select_related(max_depth=3)
    assert [order.lines[0].product.shelf.code for order in orders] == ["s1", "s1"]
    assert Order.objects(customer=first.customer).count() == 1
    assert Order.objects(lines__product=first.lines[0].product).count() == 2


def test_what_happens_to_those_who_refer() -> None:
    Shelf.objects.get(code="s1").delete()
    assert Product.objects.get(sku="P1").shelf is None
    order = Order.objects.get(number=1)
    Invoice(order=order).save()
    with pytest.raises(errors.OperationError, match="refers to it"):
        order.delete()
    Customer.objects.get(name="Bob").delete()
    assert [each.number for each in Order.objects] == [1]
    Invoice.objects.delete()
    Customer.objects.delete()
    assert Order.objects.count() == 0


def test_what_is_unique() -> None:
    with pytest.raises(errors.NotUniqueError):
        Customer(name="Other", email="ada@example.org").save()
    Customer(name="Without").save()
    pen = Product.objects.get(sku="P1")
    Tariff(product=pen, tax=8).save()
    with pytest.raises(errors.NotUniqueError, match="region_1_product_1"):
        Tariff(product=pen, tax=9).save()
    Tariff(product=pen, region="us").save()
    with pytest.raises(errors.ValidationError):
        Customer().save()
    with pytest.raises(errors.NotUniqueError):
        Shelf(code="s1").save(force_insert=True)
    indexes = Product._get_collection().index_information()
    assert {"_cls_1_tags_1", "_cls_1_region_1_price_-1"} <= set(indexes)
    assert Product.compare_indexes() == {"missing": [], "extra": []}


def test_queries() -> None:
    def skus(query: me.queryset.QuerySet) -> list[str]:
        return [each.sku for each in query.order_by("sku")]

    assert skus(Product.objects(me.Q(stock__gt=5) | me.Q(tags="paper"))) == ["B1", "P1"]
    assert skus(Product.objects(me.Q(tags="ink") & me.Q(sku__ne="P1"))) == ["B1"]
    assert skus(Product.objects(title__icontains="PEN")) == ["P1"]
    assert skus(Product.objects(title__startswith="A b")) == ["B1"]
    assert skus(Product.objects(title__iexact="a PEN")) == ["P1"]
    assert skus(Product.objects(tags__all=["ink", "paper"])) == ["B1"]
    assert skus(Product.objects(tags__size=1)) == ["P1"]
    assert skus(Product.objects(tags__0="ink")) == ["P1"]
    assert skus(Product.objects(price__gte=2)) == ["B1"]
    assert skus(Product.objects(sku__in=["P1", "X"])) == ["P1"]
    assert skus(Product.objects(sku__nin=["P1"])) == ["B1"]
    assert skus(Product.objects(pages__exists=False)) == ["P1"]
    assert skus(Product.objects(ratings__elemMatch={"by": "bob", "stars": {"$lt": 3}})) == ["B1"]
    assert skus(Product.objects(ratings__elemMatch={"by": "ada", "stars": {"$lt": 3}})) == []
    assert skus(Product.objects(ratings__stars__gte=5)) == ["B1"]
    assert skus(Product.objects(stock__mod=(2, 0))) == ["P1"]
    assert skus(Product.objects(__raw__={"$expr": {"$lt": ["$stock", "$pages"]}})) == ["B1"]
    assert skus(Book.objects) == ["B1"]
    assert Customer.objects(addresses__city="Bern").get().name == "Ada"
    assert Customer.objects(addresses__match={"city": "Bern", "street": "Main 1"}).count() == 1
    assert Customer.objects(born__lt=dt.datetime(1990, 1, 1)).scalar("name").get() == "Ada"
    with pytest.raises(Product.DoesNotExist):
        Product.objects.get(sku="nothing")
    with pytest.raises(Product.MultipleObjectsReturned):
        Product.objects.get(tags="ink")


def test_updates() -> None:
    pens = Product.objects(sku="P1")
    assert pens.update_one(inc__stock=5, push__tags="new", set__extra__colour="blue") == 1
    assert pens.update_one(push_all__tags=["a", "b"]) == 1
    assert pens.update_one(add_to_set__tags="ink", full_result=True).modified_count == 0
    pen = pens.get()
    assert (pen.stock, pen.tags, pen.extra) == (15, ["ink", "new", "a", "b"], {"colour": "blue"})
    pens.update(pull__tags="new", dec__stock=3, unset__title=True)
    pens.update(max__stock=7)
    pens.update(pull_all__tags=["a", "ink"])
    pen.reload()
    assert (pen.stock, pen.tags, pen.title) == (12, ["b"], None)
    pens.update(push__tags__0=["first", "second"])
    pens.update(set__tags__1="changed")
    assert pens.get().tags == ["first", "changed", "b"]
    assert Order.objects(number=1, lines__n=2).update(set__lines__S__n=3) == 1
    assert [line.n for line in Order.objects.get(number=1).lines] == [3, 1]
    changed = Product.objects(sku="B1").modify(mul__stock=2, new=True)
    assert changed is not None
    assert changed.stock == 6
    assert Product.objects(sku="N1").modify(upsert=True, new=True, set__stock=1).stock == 1
    assert Product.objects(region="eu").update(set__region="ch", multi=True) == 2
    order = Order.objects.get(number=2)
    order.lines.filter(n=1).update(n=9)
    order.lines.create(n=4)
    order.save()
    assert [line.n for line in Order.objects.get(number=2).lines] == [9, 4]
    ada = Customer.objects.get(name="Ada")
    ada.addresses[0].city = "Zürich"
    ada.addresses.append(Address(street="Other 2"))
    ada.save()
    assert [each.city for each in ada.reload().addresses] == ["Zürich", None]


def test_aggregation() -> None:
    sold = Order.objects.aggregate(
        [
            {"$unwind": "$lines"},
            {"$group": {"_id": "$lines.product", "n": {"$sum": "$lines.n"}}},
            {
                "$lookup": {
                    "from": "product",
                    "localField": "_id",
                    "foreignField": "_id",
                    "as": "product",
                }
            },
            {"$project": {"_id": 0, "sku": {"$first": "$product.sku"}, "n": 1}},
            {"$sort": {"sku": 1}},
        ]
    )
    assert [*sold] == [{"n": 1, "sku": "B1"}, {"n": 3, "sku": "P1"}]
    assert Product.objects.sum("stock") == 13
    assert Product.objects.average("stock") == 6.5
    assert sorted(Product.objects.distinct("tags")) == ["ink", "paper"]
    assert [each.name for each in Order.objects.distinct("customer")] == ["Ada", "Bob"]
    assert Product.objects(sku="B1").aggregate([{"$count": "n"}]).next() == {"n": 1}


def test_pages_and_order() -> None:
    Product.objects.insert([Product(sku=f"X{n:02}", stock=n % 3) for n in range(25)])
    made = Product.objects(sku__startswith="X")
    assert [each.sku for each in made.order_by("-stock", "sku")[:3]] == ["X02", "X05", "X08"]
    assert made.order_by("sku").skip(20).limit(10).first().sku == "X20"
    assert len(made.order_by("sku")[20:30]) == 5
    assert made.order_by("-sku").first().sku == "X24"
    assert made[:7].count(with_limit_and_skip=True) == 7
    assert [each.sku for each in made.order_by("sku").batch_size(4)][-1] == "X24"
    some = made.only("sku").order_by("sku").first()
    assert (some.sku, some.stock) == ("X00", 0)
    assert made.fields(slice__tags=1, sku=1).first().sku
    assert made.hint("_id_").count() == 25
    assert sorted(made.in_bulk([each.id for each in made[:3]])) == sorted(
        each.id for each in made[:3]
    )
    assert made.delete() == 25


def test_files() -> None:
    invoice = Invoice(order=Order.objects.get(number=1))
    invoice.paper.put(b"paper" * 100_000, content_type="text/plain", filename="i.txt")
    invoice.save()
    kept = Invoice.objects.get(id=invoice.id)
    assert kept.paper.read() == b"paper" * 100_000
    assert kept.paper.filename == "i.txt"
    kept.paper.replace(b"other", filename="j.txt")
    kept.save()
    assert Invoice.objects.get(id=invoice.id).paper.read() == b"other"
    kept.paper.delete()
    kept.save()
    assert not Invoice.objects.get(id=invoice.id).paper
    assert get_db()["fs.chunks"].count_documents({}) == 0


def test_a_capped_collection() -> None:
    for n in range(5):
        Counted(text=str(n)).save()
    assert [each.text for each in Counted.objects] == ["2", "3", "4"]


def test_a_schema_that_changes() -> None:
    class Old(me.Document):
        name = me.StringField()
        meta: ClassVar = {"collection": "evolving"}

    class New(me.Document):
        first = me.StringField()
        age = me.IntField(default=7)
        meta: ClassVar = {"collection": "evolving", "strict": False, "indexes": ["first"]}

    class Renamed(me.Document):
        first = me.StringField(db_field="name")
        meta: ClassVar = {"collection": "evolving"}

    Old.drop_collection()
    Old(name="Ada").save()
    with pytest.raises(errors.FieldDoesNotExist):
        New(name="Ada", wrong=1)
    found = New.objects.first()
    assert (found.first, found.age, found._data["name"]) == (None, 7, "Ada")
    assert Renamed.objects(first="Ada").count() == 1
    New.objects(__raw__={"name": {"$exists": True}}).update(
        __raw__={"$rename": {"name": "first"}, "$set": {"age": 8}}
    )
    assert [(each.first, each.age) for each in New.objects(first__exists=True)] == [("Ada", 8)]
    with pytest.raises(errors.FieldDoesNotExist):
        Old.objects.first()
