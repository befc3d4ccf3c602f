"""Taking the engine out of this process and its database, and putting it back: what a write costs without it."""

from django.db import connection, transaction

from attendance.caching import schema, writes
from attendance.caching.triggers import PREFIX

_TRIGGERS = {
    "postgresql": """
        SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE starts_with(tgname, %s)
    """,
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND instr(name, %s) = 1",
}


def off() -> None:
    """Drop the triggers and stop watching the connection."""
    if writes._watch in connection.execute_wrappers:
        connection.execute_wrappers.remove(writes._watch)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TRIGGERS[connection.vendor], [PREFIX])
        on_table = ' ON "{}"' if connection.vendor == "postgresql" else ""
        for trigger, table in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{trigger}"' + on_table.format(table))


def on() -> None:
    """Install the triggers, empty the outbox and watch the connection."""
    off()
    schema.install()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM caching_outbox")
    connection.execute_wrappers.append(writes._watch)
    writes.confirm()
