import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from webapp.common.appendonly import refuse_changes


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0001_initial"),
        ("rules", "0009_change_of_publication"),
    ]
    operations = [
        migrations.CreateModel(
            name="DefinitionsVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "level_definitions",
                    models.JSONField(help_text='{"L1": "...", ..., "L4": "Perfect match: ..."}'),
                ),
                ("dimensions", models.JSONField(help_text="names, in the order they are offered")),
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
                        related_name="definitions_versions",
                        to="common.corpus",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("corpus", "number"), name="definitions_version_number")
                ],
            },
        ),
        refuse_changes("rules_definitionsversion"),
    ]
