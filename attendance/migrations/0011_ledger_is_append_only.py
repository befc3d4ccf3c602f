"""Triggers that refuse to change or delete entries, blocks and keys of the ledger, whoever asks: the ORM, SQL by hand, a cascade."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLES = ("ledgerentry", "ledgerkey", "checkpoint")
SQLITE = """
    CREATE TRIGGER {table}_refuses_{act} BEFORE {act} ON attendance_{table}
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: {act} refused'); END
"""
POSTGRESQL = """
    CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON attendance_{table}
    FOR EACH ROW EXECUTE FUNCTION attendance_ledger_refuses()
"""
FUNCTION = """
    CREATE FUNCTION attendance_ledger_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the ledger is append-only: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
    END $$
"""


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        statements = [FUNCTION, *(POSTGRESQL.format(table=table) for table in TABLES)]
    else:
        statements = [SQLITE.format(table=table, act=act) for table in TABLES for act in ("UPDATE", "DELETE")]
    for statement in statements:
        schema_editor.execute(statement, params=None)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        statements = [f"DROP TRIGGER {table}_refuses_change ON attendance_{table}" for table in TABLES]
        statements.append("DROP FUNCTION attendance_ledger_refuses()")
    else:
        statements = [f"DROP TRIGGER {table}_refuses_{act}" for table in TABLES for act in ("UPDATE", "DELETE")]
    for statement in statements:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("attendance", "0010_ledger")]
    operations = [migrations.RunPython(install, remove)]
