"""Append-only tables: a trigger refuses UPDATE and DELETE, whoever asks. For use in migrations."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION lore_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: write a new row that supersedes', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""


def refuse_changes(table: str) -> migrations.RunSQL:
    """The operation that makes `table` append-only. (TRUNCATE stays: tests flush, and only an owner may.)"""
    return migrations.RunSQL(
        f"{FUNCTION} CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION lore_refuse_change();",
        f"DROP TRIGGER {table}_append_only ON {table};",
    )
