"""Emptying tables and filling them again, in the one transaction of a restore; nobody else may do this.

Attendance events refuse to be deleted, whoever asks. Here the triggers step aside, and only in this way: what switches
them off, what is done meanwhile and what switches them on again is committed together or not at all, and while it lasts
nobody else can write to these tables.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import AutoField, Field, Model

from attendance.queries.tables import columns_of

ROWS_AT_ONCE = 1000
PATIENCE = "20s"
"""How long PostgreSQL waits for others to let go of the tables; SQLite waits as long for each write."""


@contextmanager
def tables_to_oneself(models: Sequence[type[Model]]) -> Iterator[None]:
    """Keep others off these tables and switch their triggers off for the block; needs a transaction.

    If the block fails, the transaction is rolled back, and the triggers were never off for anybody.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("Triggers step aside only inside the transaction of a restore.")
    off, on = _postgresql_switch(models) if connection.vendor == "postgresql" else _sqlite_switch(models)
    _run(off)
    yield
    _run(on)


def _postgresql_switch(models: Sequence[type[Model]]) -> tuple[list[str], list[str]]:
    tables = [f'"{model._meta.db_table}"' for model in models]
    off = [f"SET LOCAL lock_timeout = '{PATIENCE}'", f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE"]
    # USER leaves the triggers alone by which PostgreSQL itself keeps foreign keys.
    off += [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables]
    return off, [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables]


def _sqlite_switch(models: Sequence[type[Model]]) -> tuple[list[str], list[str]]:
    tables = {model._meta.db_table for model in models}
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = [(name, made) for name, table, made in cursor.fetchall() if table in tables]
    return [f'DROP TRIGGER "{name}"' for name, _made in triggers], [made for _name, made in triggers]


def empty(models: Sequence[type[Model]]) -> None:
    """Delete every row of these tables, all of them together: what refers to them from elsewhere makes it fail."""
    tables = [f'"{model._meta.db_table}"' for model in models]
    if connection.vendor == "postgresql":
        _run([f"TRUNCATE {', '.join(tables)}"])
    else:
        _run([f"DELETE FROM {table}" for table in tables])


def fill(model: type[Model], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of values as `queries.tables.rows_of` yields them, with the keys they have."""
    fields = columns_of(model)
    table, columns = model._meta.db_table, ", ".join(f'"{field.column}"' for field in fields)
    stored = (_stored(fields, row) for row in rows)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A third of the time that INSERT takes.
            with connection.wrap_database_errors, cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
                for row in stored:
                    copy.write_row(row)
            return
        places = ", ".join(["%s"] * len(fields))
        while some := list(islice(stored, ROWS_AT_ONCE)):
            cursor.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({places})', some)


def _stored(fields: Sequence[Field[Any, Any]], row: Sequence[Any]) -> list[Any]:
    """Return a row as the database takes it; nothing in a column that must have something is the null of JSON."""
    return [
        None if value is None and field.null else field.get_db_prep_value(field.to_python(value), connection)
        for field, value in zip(fields, row, strict=True)
    ]


def number_on(models: Sequence[type[Model]]) -> None:
    """Let each table give its next row the number behind the highest one; to be called once constraints are checked."""
    for model in models:
        key = model._meta.pk
        if isinstance(key, AutoField):
            _number_on(model._meta.db_table, str(key.column))


def _number_on(table: str, column: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT coalesce(max("{column}"), 0) FROM "{table}"')
        (highest,) = cursor.fetchone()
        if connection.vendor == "sqlite":
            cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [highest, table])
            return
        # `setval` would stand although the transaction is rolled back, and old rows would meet numbers of their own.
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table}"', column])
        (sequence,) = cursor.fetchone()
        cursor.execute(f"ALTER SEQUENCE {sequence} RESTART WITH {highest + 1}")


def _run(statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
