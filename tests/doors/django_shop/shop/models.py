"""A shop: the common kinds of fields, keys and constraints, and a relation of each kind."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower


class Category(models.Model):
    name = models.CharField(max_length=50, unique=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE)

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "categories"


class Tag(models.Model):
    slug = models.SlugField(primary_key=True)


class Product(models.Model):
    class Size(models.TextChoices):
        SMALL = "S"
        LARGE = "L"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200, unique=True)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    weight_kg = models.FloatField(null=True)
    size = models.CharField(max_length=1, choices=Size.choices, default=Size.SMALL)
    stock = models.PositiveIntegerField(default=0)
    rank = models.IntegerField(default=5)
    active = models.BooleanField(default=True)
    added_on = models.DateField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    opens_at = models.TimeField(null=True)
    warranty = models.DurationField(null=True)
    details = models.JSONField(default=dict)
    colours = ArrayField(models.CharField(max_length=20), default=list)
    picture = models.BinaryField(null=True)
    description = models.TextField(blank=True, default="")
    gross = models.GeneratedField(
        expression=F("price") * 119 / 100,
        output_field=models.DecimalField(max_digits=12, decimal_places=4),
        db_persist=True,
    )
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    tags = models.ManyToManyField(Tag, related_name="products")

    class Meta:
        indexes = (
            models.Index(fields=["category", "-price"], name="product_by_price"),
            models.Index(Lower("name"), name="product_lower_name"),
            models.Index(fields=["stock"], condition=Q(active=True), name="product_stocked"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(price__gt=0), name="product_price_above_0"),
            models.UniqueConstraint(fields=["category", "name"], name="product_once"),
        )


class Customer(models.Model):
    email = models.EmailField(unique=True)
    nickname = models.TextField(db_index=True)
    born_on = models.DateField(null=True)


class Preferences(models.Model):
    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True)
    newsletter = models.BooleanField(null=True)


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="orders")
    placed_at = models.DateTimeField(db_index=True)
    products = models.ManyToManyField(Product, through="Line")


class Line(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.RESTRICT)
    count = models.PositiveSmallIntegerField()

    class Meta:
        unique_together = (("order", "product"),)
