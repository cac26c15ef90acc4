import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

# As people's word replaces what an import says, that stays beneath it. In the row's own update: whoever writes, and
# whichever of two who write at once comes second.
KEEP = """
CREATE FUNCTION lore_keep_imported() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalog_importedverdict (pair_id, item_version_id, grade, dimension, method, picture_decided, blind, at)
    VALUES (OLD.pair_id, OLD.item_version_id, OLD.grade, OLD.dimension, OLD.method, OLD.picture_decided, OLD.blind, OLD.at)
    ON CONFLICT (pair_id) DO UPDATE SET item_version_id = EXCLUDED.item_version_id, grade = EXCLUDED.grade,
        dimension = EXCLUDED.dimension, method = EXCLUDED.method, picture_decided = EXCLUDED.picture_decided,
        blind = EXCLUDED.blind, at = EXCLUDED.at;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_settledverdict_imported AFTER UPDATE ON catalog_settledverdict FOR EACH ROW
    WHEN (OLD.source = 'import' AND NEW.source <> 'import') EXECUTE FUNCTION lore_keep_imported();
"""
BACK = """
DROP TRIGGER catalog_settledverdict_imported ON catalog_settledverdict;
DROP FUNCTION lore_keep_imported();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_facet_filters")]

    operations = [
        migrations.CreateModel(
            name="ImportedVerdict",
            fields=[
                (
                    "pair",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="catalog.pair",
                    ),
                ),
                (
                    "grade",
                    models.PositiveSmallIntegerField(choices=[(1, "L1"), (2, "L2"), (3, "L3"), (4, "L4")]),
                ),
                ("dimension", models.CharField(blank=True, max_length=40)),
                ("method", models.CharField(blank=True, max_length=80)),
                ("picture_decided", models.BooleanField(default=False)),
                ("blind", models.BooleanField(default=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "item_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.itemversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("grade__range", (1, 4))), name="imported_verdict_range"
                    )
                ],
            },
        ),
        migrations.RunSQL(KEEP, BACK),
    ]
