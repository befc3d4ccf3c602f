"""Triggers that refuse to change or delete an attendance event, whoever asks: the ORM, SQL by hand, a cascade."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

INSTALL = {
    "sqlite": [
        """
        CREATE TRIGGER attendance_event_refuses_update BEFORE UPDATE ON attendance_attendanceevent
        BEGIN SELECT RAISE(ABORT, 'attendance events are append-only: UPDATE refused'); END
        """,
        """
        CREATE TRIGGER attendance_event_refuses_delete BEFORE DELETE ON attendance_attendanceevent
        BEGIN SELECT RAISE(ABORT, 'attendance events are append-only: DELETE refused'); END
        """,
    ],
    "postgresql": [
        """
        CREATE FUNCTION attendance_event_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'attendance events are append-only: % refused', TG_OP
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """,
        """
        CREATE TRIGGER attendance_event_refuses_change BEFORE UPDATE OR DELETE ON attendance_attendanceevent
        FOR EACH ROW EXECUTE FUNCTION attendance_event_refuses()
        """,
    ],
}
REMOVE = {
    "sqlite": [
        "DROP TRIGGER attendance_event_refuses_update",
        "DROP TRIGGER attendance_event_refuses_delete",
    ],
    "postgresql": [
        "DROP TRIGGER attendance_event_refuses_change ON attendance_attendanceevent",
        "DROP FUNCTION attendance_event_refuses()",
    ],
}


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in INSTALL[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in REMOVE[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("attendance", "0001_foundation")]
    operations = [migrations.RunPython(install, remove)]
