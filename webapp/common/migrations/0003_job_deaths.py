from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("common", "0002_append_only")]
    operations = [
        migrations.AddField(
            model_name="job",
            name="deaths",
            field=models.PositiveSmallIntegerField(default=0, help_text="times that its worker went away"),
        ),
        migrations.AlterField(
            model_name="job",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0, help_text="tries that ended in an error"),
        ),
    ]
