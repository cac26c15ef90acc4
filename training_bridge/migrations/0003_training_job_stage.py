from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("training_bridge", "0002_append_only")]

    operations = [
        migrations.AddField(
            "trainingjob",
            "stage",
            models.CharField(
                blank=True,
                default="",
                help_text="its place in a turn: sft, dpo, evaluate-sft, ...",
                max_length=40,
            ),
        ),
        migrations.AddConstraint(
            "trainingjob",
            models.UniqueConstraint(
                condition=Q(turn__isnull=False), fields=("turn", "stage"), name="training_job_stage_once"
            ),
        ),
    ]
