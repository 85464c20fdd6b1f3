"""What a growing shop changes: columns added, renamed, retyped, filled, dropped; a constraint."""

from django.db import migrations, models
from django.db.models import F


def fill(apps, schema_editor):
    apps.get_model("shop", "Customer").objects.update(nickname=F("email"))


class Migration(migrations.Migration):
    dependencies = (("shop", "0001_initial"),)
    operations = (
        migrations.AddField("customer", "nickname", models.CharField(max_length=80, default="")),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField("customer", "nickname", models.TextField(db_index=True)),
        migrations.RenameField("product", "weight", "weight_kg"),
        migrations.AlterField("product", "rank", models.IntegerField(default=5)),
        migrations.AlterField("product", "name", models.CharField(max_length=200, unique=True)),
        migrations.RemoveConstraint("product", "product_price_positive"),
        migrations.AddConstraint(
            "product",
            models.CheckConstraint(condition=models.Q(price__gt=0), name="product_price_above_0"),
        ),
        migrations.RenameModel("Profile", "Preferences"),
        migrations.RemoveField("product", "views"),
        migrations.RenameIndex("product", new_name="product_stocked", old_name="product_in_stock"),
        migrations.RunSQL(
            "CREATE VIEW shop_big AS SELECT id, name FROM shop_product WHERE size = 'L'",
            "DROP VIEW shop_big",
        ),
    )
