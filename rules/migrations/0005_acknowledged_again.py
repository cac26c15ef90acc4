"""A person may acknowledge a release twice: it came back by a roll back, and what she knows is her newest row."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rules", "0004_review_and_replay")]
    operations = [
        migrations.RemoveConstraint("releaseacknowledgement", "release_acknowledged_once"),
        migrations.AddIndex(
            "releaseacknowledgement", models.Index(fields=["person", "-id"], name="acknowledged_by_person")
        ),
    ]
