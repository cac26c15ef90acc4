from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rules", "0006_table_versions")]
    operations = [
        migrations.AddField(
            "comment",
            "step",
            models.CharField(
                blank=True,
                choices=[("sign_off", "signed off"), ("return", "returned to draft")],
                default="",
                help_text="the step of the release it was said with",
                max_length=8,
            ),
            preserve_default=False,
        ),
    ]
