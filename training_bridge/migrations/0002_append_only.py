from django.db import migrations

from webapp.common.appendonly import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("training_bridge", "0001_initial")]
    operations = [
        refuse_changes("training_bridge_promotion"),
        refuse_changes("training_bridge_gate"),
    ]
