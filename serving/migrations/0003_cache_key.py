from typing import Any

from django.db import migrations, models


def cache_empty(apps: Any, schema_editor: Any) -> None:
    """Rows that do not say in which mode, or of which facets, they were answered could be wrong; they are asked anew."""
    apps.get_model("serving", "CachedVerdict").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("serving", "0002_goodrate_sample")]

    operations = [
        migrations.RunPython(cache_empty, cache_empty),
        migrations.RemoveConstraint(model_name="cachedverdict", name="cached_verdict_key"),
        migrations.AddField(
            model_name="cachedverdict",
            name="facets",
            field=models.CharField(
                default="",
                help_text="digest: another lexicon may find others in the query",
                max_length=64,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="cachedverdict",
            name="mode",
            field=models.CharField(default="", help_text="direct or reasoned", max_length=8),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="cachedverdict",
            constraint=models.UniqueConstraint(
                fields=["query_key", "facets", "item_version", "model_version", "release", "mode"],
                name="cached_verdict_key",
            ),
        ),
    ]
