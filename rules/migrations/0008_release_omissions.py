"""Rules that a release holds back, with the reason; what a published release says of that stays as it is."""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

GUARD = """
CREATE OR REPLACE FUNCTION rules_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE release bigint := CASE WHEN TG_OP = 'INSERT' THEN NEW.release_id ELSE OLD.release_id END;
BEGIN
    IF EXISTS (SELECT 1 FROM rules_release WHERE id = release AND state = 'published') THEN
        RAISE EXCEPTION '%: what is published stays as it is; make a new release', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER rules_releaseomission_published BEFORE INSERT OR UPDATE OR DELETE ON rules_releaseomission
    FOR EACH ROW EXECUTE FUNCTION rules_entry_guard();
"""
BACK = "DROP TRIGGER rules_releaseomission_published ON rules_releaseomission;"


def pointer(to: str, related_name: str) -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=to, related_name=related_name)


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("rules", "0007_comment_step"),
    ]
    operations = [
        migrations.CreateModel(
            name="ReleaseOmission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("whole", models.BooleanField(default=False)),
                ("reason", models.CharField(max_length=300)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("release", pointer("rules.release", "omissions")),
                ("rule", pointer("rules.rule", "+")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("release", "rule"), name="release_omission_once")
                ],
            },
        ),
        migrations.RunSQL(GUARD, BACK),
    ]
