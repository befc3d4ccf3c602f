"""Emptying the tables between tests that commit, for the price of the rows that they left.

Django's way is to empty each table there is, and to do what follows a migration: all triggers, content types and
permissions are made anew, which takes longer than most tests do. Here only tables that have rows are emptied. What else
a test may have changed is found by comparing marks: the schema with its triggers, and rows that migrations made. Then
Django's way is taken, and so it is where much was written.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.sqlite3.base import DatabaseOperations
from django.test import TransactionTestCase

STANDING = {
    "django_content_type": "*",
    "auth_permission": "*",
    "caching_horizon": "triggers",
}
"""Tables whose rows come with the migrations, and the columns that tests leave as they are."""
MUCH = 64 * 8192
"""From that many bytes in a PostgreSQL table on all are truncated: deleted rows take room until somebody cleans up."""

_SCHEMA = {
    "sqlite": "PRAGMA schema_version",
    "postgresql": """
        SELECT count(*), max(version), sum(version) FROM (
            SELECT xmin::text::bigint FROM pg_class WHERE relnamespace = 'public'::regnamespace
            UNION ALL SELECT xmin::text::bigint FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            UNION ALL SELECT xmin::text::bigint FROM pg_trigger
            UNION ALL SELECT a.xmin::text::bigint FROM pg_attribute a JOIN pg_class ON pg_class.oid = attrelid
                WHERE relnamespace = 'public'::regnamespace
        ) AS rows (version)
    """,
}
"""What changes with the schema. On PostgreSQL each row of the catalogue names the transaction that wrote it last."""


class Emptying:
    """Empties the tables of the test database, and knows what it looked like when they were last made from scratch."""

    def __init__(self) -> None:
        """Take the database as it is now for the one that each test has to find."""
        names = connection.introspection.django_table_names(only_existing=True, include_views=False)
        self._tables = sorted(set(names) - STANDING.keys())
        self._may_silence_triggers = connection.vendor == "sqlite" or _rows("SHOW is_superuser") == [("on",)]
        self._mark = _mark()

    def empty(self) -> None:
        """Leave every table as it was at the beginning."""
        filled = self._filled() if self._may_silence_triggers and _mark() == self._mark else None
        if filled is not None and max(filled.values(), default=0) < MUCH:
            _delete_from(list(filled))
        else:
            call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
        self._mark = _mark()

    @contextmanager
    def between_tests(self) -> Iterator[None]:
        """Empty in this way after each test that commits, for as long as the block lasts.

        Django's own way needs room on SQLite too: PostgreSQL empties with TRUNCATE, which triggers on rows do not see.
        """
        flush = DatabaseOperations.sql_flush

        def sql_flush(operations: DatabaseOperations, style: Any, tables: Collection[str], **options: Any) -> list[str]:
            return _without_triggers(tables, flush(operations, style, tables, **options))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
            patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: self.empty())
            yield

    def _filled(self) -> dict[str, int]:
        """Return the tables that have rows, each with its bytes; on SQLite those are no concern."""
        size = "0" if connection.vendor == "sqlite" else "pg_relation_size('{0}')"
        query = f"SELECT '{{0}}', {size} WHERE EXISTS (SELECT 1 FROM \"{{0}}\")"
        return dict(_rows(" UNION ALL ".join(query.format(table) for table in self._tables)))


def _rows(query: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def _mark() -> object:
    standing = [_rows(f'SELECT {columns} FROM "{table}" ORDER BY id') for table, columns in STANDING.items()]
    return _rows(_SCHEMA[connection.vendor]), standing


def _delete_from(tables: Sequence[str]) -> None:
    """Delete all rows of these tables behind the back of their triggers, some of which refuse it."""
    deleting = [f'DELETE FROM "{table}"' for table in tables]
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("; ".join(["SELECT", *deleting]))
        else:
            for statement in _without_triggers(tables, deleting):
                cursor.execute(statement)


def _without_triggers(tables: Collection[str], statements: Sequence[str]) -> list[str]:
    """Return statements for SQLite around which the triggers of these tables step aside."""
    triggers = [
        (name, making)
        for name, table, making in _rows("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        if table in tables
    ]
    return [*(f'DROP TRIGGER "{name}"' for name, _ in triggers), *statements, *(making for _, making in triggers)]
