"""Changed verdicts belong to a publication, as a release can be published again.

So far they belonged to a release, and going back to it wrote over what its first publication had changed. Each row says
in its reason which release gave way ("release 2 → 1"): it goes to the newest publication of its release that took over
from that one. What was written over is lost; nothing is made up in its place.
"""

import django.db.models.deletion
from django.db import migrations, models

from webapp.common.appendonly import refuse_changes

FILL = """
WITH course AS (
    SELECT p.id, p.release_id, lag(r.number) OVER (PARTITION BY p.corpus_id ORDER BY p.id) AS previous, r.number
    FROM rules_publication p JOIN rules_release r ON r.id = p.release_id
), named AS (
    SELECT release_id, 'release ' || coalesce(previous || ' → ', '') || number AS reason, max(id) AS publication_id
    FROM course GROUP BY 1, 2
)
UPDATE rules_verdictchange c SET publication_id = coalesce(
    (SELECT n.publication_id FROM named n WHERE n.release_id = c.release_id AND n.reason = c.reason),
    (SELECT max(p.id) FROM rules_publication p WHERE p.release_id = c.release_id)
)
"""
# a release that was never published has changed nothing
LEFT_OVER = "DELETE FROM rules_verdictchange WHERE publication_id IS NULL"


class Migration(migrations.Migration):
    dependencies = [("rules", "0008_release_omissions")]

    operations = [
        migrations.AddField(
            model_name="publication",
            name="verdicts_changed",
            field=models.PositiveIntegerField(
                help_text="on how many pairs; null where that was not kept", null=True
            ),
        ),
        migrations.AddField(
            model_name="verdictchange",
            name="publication",
            field=models.ForeignKey(
                null=True,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="verdict_changes",
                to="rules.publication",
            ),
        ),
        # what hangs on the release goes first, so that the filling writes fewer indexes
        migrations.RemoveConstraint(model_name="verdictchange", name="verdict_change_once"),
        migrations.RunSQL([FILL, LEFT_OVER], migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RemoveField(model_name="verdictchange", name="release"),
        migrations.AlterField(
            model_name="verdictchange",
            name="publication",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="verdict_changes",
                to="rules.publication",
            ),
        ),
        migrations.AlterField(
            model_name="verdictchange",
            name="pair",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.pair"
            ),
        ),
        migrations.AddConstraint(
            model_name="verdictchange",
            constraint=models.UniqueConstraint(fields=["publication", "pair"], name="verdict_change_of"),
        ),
        refuse_changes("rules_verdictchange"),
    ]
