"""What a published release holds can no longer be changed, whoever asks: triggers refuse it in the database."""

import django.db.models.deletion
from django.db import migrations, models

TRIGGERS = """
CREATE FUNCTION rules_refuse_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: what is published stays as it is; write a new version', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION rules_example_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE version bigint := CASE WHEN TG_OP = 'INSERT' THEN NEW.version_id ELSE OLD.version_id END;
BEGIN
    IF EXISTS (SELECT 1 FROM rules_ruleversion WHERE id = version AND state = 'published') THEN
        RAISE EXCEPTION 'rules_ruleexample: what is published stays as it is; write a new version'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION rules_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE release bigint := CASE WHEN TG_OP = 'INSERT' THEN NEW.release_id ELSE OLD.release_id END;
BEGIN
    IF EXISTS (SELECT 1 FROM rules_release WHERE id = release AND state = 'published') THEN
        RAISE EXCEPTION 'rules_releaseentry: what is published stays as it is; make a new release'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER rules_ruleversion_published BEFORE UPDATE ON rules_ruleversion FOR EACH ROW
    WHEN (OLD.state = 'published') EXECUTE FUNCTION rules_refuse_published();
CREATE TRIGGER rules_ruleversion_kept BEFORE DELETE ON rules_ruleversion FOR EACH ROW
    WHEN (OLD.state = 'published') EXECUTE FUNCTION rules_refuse_published();
CREATE TRIGGER rules_release_published BEFORE UPDATE ON rules_release FOR EACH ROW
    WHEN (OLD.state = 'published') EXECUTE FUNCTION rules_refuse_published();
CREATE TRIGGER rules_release_kept BEFORE DELETE ON rules_release FOR EACH ROW
    WHEN (OLD.state = 'published') EXECUTE FUNCTION rules_refuse_published();
CREATE TRIGGER rules_ruleexample_published BEFORE INSERT OR DELETE OR UPDATE OF
    version_id, query, item, grade, dimension, note ON rules_ruleexample
    FOR EACH ROW EXECUTE FUNCTION rules_example_guard();
CREATE TRIGGER rules_releaseentry_published BEFORE INSERT OR UPDATE OR DELETE ON rules_releaseentry
    FOR EACH ROW EXECUTE FUNCTION rules_entry_guard();
"""
BACK = """
DROP TRIGGER rules_ruleversion_published ON rules_ruleversion;
DROP TRIGGER rules_ruleversion_kept ON rules_ruleversion;
DROP TRIGGER rules_release_published ON rules_release;
DROP TRIGGER rules_release_kept ON rules_release;
DROP TRIGGER rules_ruleexample_published ON rules_ruleexample;
DROP TRIGGER rules_releaseentry_published ON rules_releaseentry;
DROP FUNCTION rules_refuse_published();
DROP FUNCTION rules_example_guard();
DROP FUNCTION rules_entry_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("rules", "0002_append_only")]
    operations = [
        migrations.AddField("release", "signed_off_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "release",
            "base",
            models.ForeignKey(
                help_text="what was in force when it was signed off",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="rules.release",
            ),
        ),
        migrations.RunSQL(TRIGGERS, BACK),
    ]
