from django.db import migrations

from webapp.common.appendonly import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("annotation", "0001_initial")]
    operations = [
        refuse_changes("annotation_judgment"),
        refuse_changes("annotation_judgmentnote"),
        refuse_changes("annotation_ranking"),
        refuse_changes("annotation_adjudication"),
    ]
