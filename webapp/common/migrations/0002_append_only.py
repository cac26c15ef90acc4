from django.db import migrations

from webapp.common.appendonly import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("common", "0001_initial")]
    operations = [
        refuse_changes("common_auditentry"),
    ]
