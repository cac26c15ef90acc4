import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from webapp.common.appendonly import refuse_changes


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0001_initial"),
        ("rules", "0005_acknowledged_again"),
    ]

    operations = [
        migrations.CreateModel(
            name="TableVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("number", models.PositiveIntegerField()),
                ("content", models.JSONField(default=dict, help_text='{"family": ["word", ...]}')),
                ("examples", models.JSONField(default=list, help_text='[{"a", "b", "same": true, "note"}]')),
                ("note", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "corpus",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="table_versions",
                        to="common.corpus",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("corpus", "name", "number"), name="table_version_number")
                ],
            },
        ),
        refuse_changes("rules_tableversion"),
    ]
