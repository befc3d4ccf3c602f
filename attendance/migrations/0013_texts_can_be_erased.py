"""Text and salt of an event may go, once an event that says so stands beside it; all else is refused as before.

An UPDATE passes the triggers if text and salt go from a value to nothing, `erased_by` is set to an event of the kind
`person_erased` whose own text names this event and its student, and no other column changes. That event must be in no
entry of the ledger yet: so what erases and what says so belong together, and nothing is added to an old erasure. Texts
have one spelling (RFC 8785), so what one says is looked for in it as it is spelled: reading it as JSON again for each
of a thousand rows takes PostgreSQL a second.

SQLite makes a table anew for many a change, and the triggers of the old one go with it. A later migration that does so
to `attendance_attendanceevent`, or to `attendance_ledgerentry`, which the triggers read, has them step aside as is done
here with those of 0002: `remove` before, `install` after. They name the columns that the table has by then.
"""

from importlib import import_module

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.exceptions import IrreversibleError

guard = import_module("attendance.migrations.0002_events_are_append_only")

ERASED = ("body", "salt", "erased_by_id")
"""The columns that an erasure changes."""
POSTGRESQL = [
    """
    CREATE FUNCTION attendance_event_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        otherwise attendance_attendanceevent;
        said text;
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            otherwise := NEW;
            otherwise.body := OLD.body;
            otherwise.salt := OLD.salt;
            otherwise.erased_by_id := NULL;
            -- A long text lies apart, and `|| ''` has it fetched once.
            SELECT erasure.body || '' INTO said FROM attendance_attendanceevent erasure
            WHERE erasure.id = NEW.erased_by_id AND erasure.kind = 'person_erased'
                AND NOT EXISTS (SELECT FROM attendance_ledgerentry WHERE event_id = erasure.id);
            IF otherwise IS NOT DISTINCT FROM OLD
                AND OLD.body IS NOT NULL AND OLD.salt IS NOT NULL AND NEW.body IS NULL AND NEW.salt IS NULL
                AND strpos(said, '"person":' || OLD.student_id || ',') > 0
                AND strpos(said, replace(OLD.event_id::text, '-', '')) > 0
            THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'attendance events are append-only: % refused', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    """
    CREATE TRIGGER attendance_event_refuses_change BEFORE UPDATE OR DELETE ON attendance_attendanceevent
    FOR EACH ROW EXECUTE FUNCTION attendance_event_refuses()
    """,
    """
    CREATE FUNCTION attendance_event_refuses_without_text() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'attendance events begin with their text: INSERT refused'
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    """
    CREATE TRIGGER attendance_event_refuses_insert BEFORE INSERT ON attendance_attendanceevent FOR EACH ROW
    WHEN (NEW.body IS NULL OR NEW.salt IS NULL OR NEW.erased_by_id IS NOT NULL)
    EXECUTE FUNCTION attendance_event_refuses_without_text()
    """,
]
SQLITE = [
    """
    CREATE TRIGGER attendance_event_refuses_update BEFORE UPDATE ON attendance_attendanceevent
    WHEN NOT (
        {same} AND OLD.erased_by_id IS NULL
        AND OLD.body IS NOT NULL AND OLD.salt IS NOT NULL AND NEW.body IS NULL AND NEW.salt IS NULL
        AND EXISTS (
            SELECT 1 FROM attendance_attendanceevent erasure
            WHERE erasure.id = NEW.erased_by_id AND erasure.kind = 'person_erased'
                AND instr(erasure.body, '"person":' || OLD.student_id || ',') > 0
                AND instr(erasure.body, OLD.event_id) > 0
                AND NOT EXISTS (SELECT 1 FROM attendance_ledgerentry WHERE event_id = erasure.id)
        )
    )
    BEGIN SELECT RAISE(ABORT, 'attendance events are append-only: UPDATE refused'); END
    """,
    guard.INSTALL["sqlite"][1],
    """
    CREATE TRIGGER attendance_event_refuses_insert BEFORE INSERT ON attendance_attendanceevent
    WHEN NEW.body IS NULL OR NEW.salt IS NULL OR NEW.erased_by_id IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'attendance events begin with their text: INSERT refused'); END
    """,
]
REMOVE = {
    "postgresql": [
        *guard.REMOVE["postgresql"],
        "DROP TRIGGER attendance_event_refuses_insert ON attendance_attendanceevent",
        "DROP FUNCTION attendance_event_refuses_without_text()",
    ],
    "sqlite": [*guard.REMOVE["sqlite"], "DROP TRIGGER attendance_event_refuses_insert"],
}


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else _for_sqlite(schema_editor):
        schema_editor.execute(statement, params=None)


def _for_sqlite(schema_editor: BaseDatabaseSchemaEditor) -> list[str]:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pragma_table_info('attendance_attendanceevent')")
        columns = [name for (name,) in cursor.fetchall() if name not in ERASED]
    same = " AND ".join(f'NEW."{column}" IS OLD."{column}"' for column in columns)
    return [statement.format(same=same) for statement in SQLITE]


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in REMOVE[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def remove_for_good(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the triggers away, unless something was erased: without its column, nothing would say why a text is gone."""
    if apps.get_model("attendance", "attendanceevent").objects.filter(kind="person_erased").exists():
        raise IrreversibleError("People were erased from the record. Tables from before cannot say so: restore a backup.")
    remove(apps, schema_editor)


class Migration(migrations.Migration):

    dependencies = [
        ('attendance', '0012_acts_beside_lectures'),
    ]

    operations = [
        migrations.RunPython(guard.remove, guard.install),
        migrations.RemoveConstraint(
            model_name='attendanceevent',
            name='event_names_who_did_it_and_where',
        ),
        migrations.AddField(
            model_name='attendanceevent',
            name='erased_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='erased', to='attendance.attendanceevent'),
        ),
        migrations.AlterField(
            model_name='attendanceevent',
            name='kind',
            field=models.CharField(choices=[('session_opened', 'Check-in opened'), ('session_closed', 'Check-in closed'), ('marked', 'Marked'), ('request_decided', 'Request decided'), ('policy_changed', 'Policy changed'), ('key_rotated', 'New key of the ledger'), ('person_erased', 'Person erased')], max_length=20),
        ),
        migrations.AddIndex(
            model_name='attendanceevent',
            index=models.Index(condition=models.Q(('erased_by__isnull', False)), fields=['erased_by', 'event_id'], name='event_erased'),
        ),
        migrations.AddConstraint(
            model_name='attendanceevent',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'key_rotated'), models.Q(('kind', 'person_erased'), ('organisation__isnull', False)), models.Q(('actor__isnull', False), ('organisation__isnull', False)), _connector='OR'), name='event_names_who_did_it_and_where'),
        ),
        migrations.RunPython(install, remove_for_good),
    ]
