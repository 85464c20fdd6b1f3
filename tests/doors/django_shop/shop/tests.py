"""What a Django project does all day."""

import datetime as dt
import threading
from decimal import Decimal

from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, models, transaction
from django.db.models import (
    Avg,
    Case,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)  # fmt: skip
from django.db.models.functions import Coalesce, Concat, ExtractYear, Lower, Rank, TruncMonth
from django.db.utils import DataError
from django.test import TestCase, TransactionTestCase, tag
from django.utils import timezone

from shop.models import Category, Customer, Line, Order, Preferences, Product, Tag

JANUARY = dt.datetime(2024, 1, 31, 23, 30, tzinfo=dt.UTC)


def fill() -> None:
    books = Category.objects.create(name="books")
    novels = Category.objects.create(name="novels", parent=books)
    red, blue = (Tag.objects.create(slug=slug) for slug in ("red", "blue"))
    products = Product.objects.bulk_create(
        Product(
            name=f"Product {number}",
            price=Decimal(number) / 2,
            stock=number,
            category=novels if number % 2 else books,
            details={"pages": number * 100, "by": {"name": "Ada"}},
            colours=["red", "blue"][: number % 3],
            warranty=dt.timedelta(days=number, seconds=1),
            opens_at=dt.time(9, number),
            picture=bytes([number, 0, 255]),
        )
        for number in range(1, 8)
    )
    for product in products:
        product.tags.set([red, blue] if product.stock > 3 else [red])
    ada = Customer.objects.create(
        email="ada@example.org", nickname="ada", born_on=dt.date(1815, 12, 10)
    )
    Preferences.objects.create(customer=ada)
    for days in range(3):
        order = Order.objects.create(customer=ada, placed_at=JANUARY + dt.timedelta(days=days))
        Line.objects.create(order=order, product=products[days], count=days + 1)


class Fields(TestCase):
    def test_every_kind_of_field_comes_back_as_it_was(self):
        category = Category.objects.create(name="c")
        made = Product.objects.create(
            name="çà 'quoted' \"and\" \\ % 🙂",
            price=Decimal("12345678.90"),
            weight_kg=1.5e-300,
            size=Product.Size.LARGE,
            stock=2**31 - 1,
            rank=-32768,
            active=False,
            opens_at=dt.time(23, 59, 59, 999999),
            warranty=dt.timedelta(days=-3, microseconds=5),
            details={"a": [1, None, "x"], "b": {"c": 1.5}},
            colours=["a,b", 'c"d', ""],
            picture=bytes(range(256)),
            category=category,
        )
        found = Product.objects.get(pk=made.pk)
        for field in Product._meta.concrete_fields:
            ours, theirs = getattr(made, field.attname), getattr(found, field.attname)
            if field.name == "picture":
                theirs = bytes(theirs)
            if field.name != "gross":
                self.assertEqual(ours, theirs, field.name)
        self.assertEqual(found.gross, Decimal("14691357.8910"))
        self.assertEqual(found.changed_at.tzinfo, dt.UTC)

    def test_values_that_do_not_fit(self):
        category = Category.objects.create(name="c")
        for bad in ({"price": Decimal("123456789.00")}, {"name": "x" * 201}, {"rank": 2**31}):
            with self.assertRaises(DataError), transaction.atomic():
                Product.objects.create(**{"name": "n", "price": 1, "category": category, **bad})

    def test_constraints_have_their_names(self):
        category = Category.objects.create(name="c")
        with (
            self.assertRaisesMessage(IntegrityError, "product_price_above_0"),
            transaction.atomic(),
        ):
            Product.objects.create(name="n", price=0, category=category)
        with self.assertRaisesMessage(IntegrityError, "shop_category_name"), transaction.atomic():
            Category.objects.create(name="c")
        with self.assertRaises(models.ProtectedError):
            Product.objects.create(name="n", price=1, category=category)
            category.delete()


class Queries(TestCase):
    @classmethod
    def setUpTestData(cls):
        fill()

    def test_lookups(self):
        names = Product.objects.filter
        self.assertEqual(names(name__icontains="DUCT 1").count(), 1)
        self.assertEqual(names(name__iregex=r"product [12]$").count(), 2)
        self.assertEqual(names(name__startswith="Product").count(), 7)
        self.assertEqual(names(price__range=(1, 2)).count(), 3)
        self.assertEqual(names(Q(stock__in=[1, 2]) | ~Q(size="S")).count(), 2)
        self.assertEqual(names(details__pages__gte=500).count(), 3)
        self.assertEqual(names(details__by__name="Ada").count(), 7)
        self.assertEqual(names(details__has_key="pages").count(), 7)
        self.assertEqual(names(details__contains={"by": {"name": "Ada"}}).count(), 7)
        self.assertEqual(names(colours__contains=["blue"]).count(), 2)
        self.assertEqual(names(colours__len=1).count(), 3)
        self.assertEqual(names(colours__0="red").count(), 5)
        self.assertEqual(names(category__parent__name="books").count(), 4)
        self.assertEqual(names(tags__slug="blue").count(), 4)
        self.assertEqual(names(opens_at__hour=9).count(), 7)
        self.assertEqual(names(warranty__gt=dt.timedelta(days=5)).count(), 3)
        self.assertEqual(Order.objects.filter(placed_at__month=2).count(), 3)  # in Berlin
        self.assertEqual(Order.objects.filter(placed_at__date=dt.date(2024, 2, 1)).count(), 1)
        self.assertEqual(Customer.objects.filter(born_on__year__lt=1900).count(), 1)

    def test_aggregation(self):
        sums = Product.objects.aggregate(Sum("price"), Avg("stock"), Max("name"), n=Count("id"))
        self.assertEqual(sums["price__sum"], Decimal("14.00"))
        self.assertEqual(sums["stock__avg"], 4.0)
        self.assertEqual(sums["n"], 7)
        grouped = (
            Category.objects.annotate(n=Count("products", filter=Q(products__stock__gt=2)))
            .values_list("name", "n")
            .order_by("name")
        )
        self.assertEqual(list(grouped), [("books", 2), ("novels", 3)])
        months = (
            Order.objects.annotate(month=TruncMonth("placed_at"))
            .values("month")
            .annotate(n=Sum("lines__count"))
        )
        self.assertEqual([(row["month"].month, row["n"]) for row in months], [(2, 6)])
        self.assertEqual(
            Line.objects.aggregate(total=Sum(F("count") * F("product__price")))["total"],
            Decimal("7.00"),
        )

    def test_expressions(self):
        label = Concat(Lower("name"), Value(": "), "size")
        self.assertEqual(Product.objects.annotate(l=label).order_by("l").first().l, "product 1: S")
        ranked = Product.objects.annotate(
            place=Window(Rank(), partition_by="category", order_by=F("price").desc())
        ).filter(place=1)
        self.assertEqual(sorted(ranked.values_list("stock", flat=True)), [6, 7])
        sold = Line.objects.filter(product=OuterRef("pk"))
        self.assertEqual(Product.objects.filter(Exists(sold)).count(), 3)
        last = Product.objects.annotate(
            sold=Coalesce(Subquery(sold.order_by("-count").values("count")[:1]), 0)
        )
        self.assertEqual(sum(last.values_list("sold", flat=True)), 6)
        kind = Case(When(price__lt=2, then=Value("cheap")), default=Value("dear"))
        self.assertEqual(Product.objects.annotate(k=kind).filter(k="cheap").count(), 3)
        self.assertEqual(Customer.objects.values_list(ExtractYear("born_on"), flat=True)[0], 1815)

    def test_sets_slices_and_joins(self):
        cheap, dear = Product.objects.filter(price__lt=2), Product.objects.filter(price__gt=3)
        self.assertEqual(cheap.union(dear).count(), 4)
        self.assertEqual(cheap.difference(dear).count(), 3)
        self.assertEqual([p.stock for p in Product.objects.order_by("-stock")[2:4]], [5, 4])
        self.assertEqual(Product.objects.distinct("category_id").order_by("category_id").count(), 2)
        with self.assertNumQueries(2):
            found = list(
                Product.objects.select_related("category__parent").prefetch_related("tags")
            )
        self.assertEqual(sum(len(product.tags.all()) for product in found), 11)
        self.assertEqual(len(list(Product.objects.iterator(chunk_size=2))), 7)
        self.assertIn("Scan", Product.objects.filter(stock=1).explain())
        self.assertIn("shop_product", Product.objects.filter(stock=1).explain(format="json"))

    def test_changes(self):
        self.assertEqual(Product.objects.update(stock=F("stock") + 1), 7)
        self.assertEqual(Product.objects.filter(category__name="novels").update(size="L"), 4)
        one = Product.objects.first()
        self.assertEqual(Product.objects.get_or_create(name=one.name)[1], False)
        made, created = Customer.objects.update_or_create(
            email="new@example.org", defaults={"nickname": "new"}
        )
        self.assertTrue(created)
        Customer.objects.bulk_create(
            [Customer(email=made.email, nickname="newer")],
            update_conflicts=True,
            unique_fields=["email"],
            update_fields=["nickname"],
        )
        made.refresh_from_db()
        self.assertEqual(made.nickname, "newer")
        products = list(Product.objects.all())
        for product in products:
            product.rank = product.stock * 2
        self.assertEqual(Product.objects.bulk_update(products, ["rank"]), 7)
        self.assertEqual(Tag.objects.filter(slug="blue").delete()[0], 5)
        self.assertEqual(Customer.objects.get(nickname="ada").delete()[0], 8)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM shop_big WHERE name LIKE %s", ["Product%"])
            self.assertEqual(cursor.fetchone(), (4,))

    def test_users_and_permissions(self):
        user = User.objects.create_user("ada", password="secret")
        user.user_permissions.add(Permission.objects.get(codename="add_tag"))
        self.assertTrue(User.objects.get(username="ada").has_perm("shop.add_tag"))
        self.assertTrue(ContentType.objects.filter(app_label="shop").exists())


class Transactions(TransactionTestCase):
    def test_nested_atomic(self):
        with transaction.atomic():
            Tag.objects.create(slug="outer")
            with self.assertRaises(IntegrityError), transaction.atomic():
                Tag.objects.create(slug="lost")
                Tag.objects.bulk_create([Tag(slug="outer")])
            with transaction.atomic():
                Tag.objects.create(slug="inner")
            point = transaction.savepoint()
            Tag.objects.create(slug="undone")
            transaction.savepoint_rollback(point)
        self.assertEqual(set(Tag.objects.values_list("slug", flat=True)), {"outer", "inner"})
        with self.assertRaises(ZeroDivisionError), transaction.atomic():
            Tag.objects.all().delete()
            raise ZeroDivisionError
        self.assertEqual(Tag.objects.count(), 2)

    def test_a_foreign_key_is_checked_at_commit(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            Order.objects.create(customer_id=404, placed_at=timezone.now())
        self.assertEqual(Order.objects.count(), 0)

    @tag("one-writer")
    def test_select_for_update_from_two_threads(self):
        Tag.objects.create(slug="t")
        category = Category.objects.create(name="c")
        product = Product.objects.create(name="n", price=1, stock=0, category=category)

        def add():
            try:
                for _ in range(10):
                    with transaction.atomic():
                        found = Product.objects.select_for_update().get(pk=product.pk)
                        found.stock += 1
                        found.save()
            finally:
                connection.close()

        threads = [threading.Thread(target=add) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        product.refresh_from_db()
        self.assertEqual(product.stock, 20)

    def test_on_commit(self):
        seen = []
        with transaction.atomic():
            transaction.on_commit(lambda: seen.append(1))
            self.assertEqual(seen, [])
        self.assertEqual(seen, [1])
