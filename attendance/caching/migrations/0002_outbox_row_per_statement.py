"""The outbox has one row for each statement, with all that it dirtied: writing it is most of what a write pays."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# What the old rows said is lost, so the database becomes another one: every position from before is lost as well.
CHANGE = {
    "postgresql": [
        "DROP TABLE caching_outbox",
        """
        CREATE TABLE caching_outbox (
            id bigint GENERATED ALWAYS AS IDENTITY,
            changes text NOT NULL,
            xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
            created_at timestamptz NOT NULL DEFAULT clock_timestamp()
        )
        """,
        "CREATE INDEX caching_outbox_xid ON caching_outbox (xid)",
        "UPDATE caching_horizon SET identity = gen_random_uuid()::text",
    ],
    "sqlite": [
        "DROP TABLE caching_outbox",
        """
        CREATE TABLE caching_outbox (
            id integer PRIMARY KEY AUTOINCREMENT,
            changes text NOT NULL,
            created_at text NOT NULL DEFAULT CURRENT_TIMESTAMP
        )
        """,
        "UPDATE caching_horizon SET bound = 0, identity = lower(hex(randomblob(16)))",
    ],
}
CHANGE_BACK = {
    "postgresql": [
        "DROP TABLE caching_outbox",
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
        "UPDATE caching_horizon SET identity = gen_random_uuid()::text",
    ],
    "sqlite": [
        "DROP TABLE caching_outbox",
        """
        CREATE TABLE caching_outbox (
            id integer PRIMARY KEY AUTOINCREMENT,
            tag text NOT NULL,
            cause text NOT NULL,
            created_at text NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
        )
        """,
        "UPDATE caching_horizon SET bound = 0, identity = lower(hex(randomblob(16)))",
    ],
}


def change(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in CHANGE[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def change_back(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in CHANGE_BACK[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("caching", "0001_outbox_and_horizon")]
    operations = [
        migrations.RunPython(change, change_back),
        # The table is made by hand; this tells Django's own picture of it.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField("outboxrow", "tag"),
                migrations.RemoveField("outboxrow", "cause"),
                migrations.AddField("outboxrow", "changes", models.TextField(default=""), preserve_default=False),
            ]
        ),
    ]
