"""The outbox that triggers write to, and the horizon before which it was emptied."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

MAKE = {
    "postgresql": [
        """
        CREATE TABLE caching_outbox (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            tag text NOT NULL,
            cause text NOT NULL,
            xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
            created_at timestamptz NOT NULL DEFAULT clock_timestamp()
        )
        """,
        "CREATE INDEX caching_outbox_xid ON caching_outbox (xid)",
        """
        CREATE TABLE caching_horizon (
            id smallint PRIMARY KEY CHECK (id = 1),
            bound xid8 NOT NULL,
            identity text NOT NULL,
            triggers text NOT NULL DEFAULT ''
        )
        """,
        "INSERT INTO caching_horizon (id, bound, identity) VALUES (1, pg_snapshot_xmin(pg_current_snapshot()), gen_random_uuid()::text)",
    ],
    "sqlite": [
        """
        CREATE TABLE caching_outbox (
            id integer PRIMARY KEY AUTOINCREMENT,
            tag text NOT NULL,
            cause text NOT NULL,
            created_at text NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
        )
        """,
        """
        CREATE TABLE caching_horizon (
            id integer PRIMARY KEY CHECK (id = 1),
            bound integer NOT NULL,
            identity text NOT NULL,
            triggers text NOT NULL DEFAULT ''
        )
        """,
        "INSERT INTO caching_horizon (id, bound, identity) VALUES (1, 0, lower(hex(randomblob(16))))",
    ],
}
DROP = ["DROP TABLE caching_outbox", "DROP TABLE caching_horizon"]


def make(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in MAKE[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def drop(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in DROP:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="OutboxRow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tag", models.TextField()),
                ("cause", models.TextField()),
                ("created_at", models.DateTimeField()),
            ],
            options={"db_table": "caching_outbox", "managed": False},
        ),
        migrations.CreateModel(
            name="Horizon",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("bound", models.TextField()),
                ("identity", models.TextField()),
                ("triggers", models.TextField(default="")),
            ],
            options={"db_table": "caching_horizon", "managed": False},
        ),
        migrations.RunPython(make, drop),
    ]
