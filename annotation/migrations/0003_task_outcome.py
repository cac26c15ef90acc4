from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("annotation", "0002_append_only")]
    operations = [
        migrations.AddField(
            model_name="annotationtask",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "not yet complete"),
                    ("agreed", "Agreed"),
                    ("disputed", "needs adjudication"),
                    ("adjudicated", "Adjudicated"),
                ],
                default="",
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="annotationtask",
            index=models.Index(F("campaign"), F("id"), condition=Q(outcome="disputed"), name="task_disputed"),
        ),
    ]
