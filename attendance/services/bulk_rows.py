"""Appending very many rows: no model instance and no look at the database for each."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, ForeignKey, Model, UUIDField

BATCH = 10_000
Columns = Mapping[str, Any]
"""The values of a row by the names of its columns, the same names in the same order in every row."""


def append_rows(model: type[Model], rows: Iterable[Columns]) -> int:
    """Append rows as they are to the model's table and return their number; to be called in a transaction.

    PostgreSQL takes them by COPY, SQLite by one prepared statement. Every column without a default is named.
    """
    number = 0
    waiting = iter(rows)
    append = _copy if connection.vendor == "postgresql" else _insert
    while batch := list(islice(waiting, BATCH)):
        append(model._meta.db_table, list(batch[0]), model, (row.values() for row in batch))
        number += len(batch)
    return number


def _copy(table: str, columns: list[str], _model: type[Model], rows: Iterator[Iterable[Any]]) -> None:
    statement = f"COPY {_quoted(table)} ({', '.join(map(_quoted, columns))}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(list(row))


def _insert(table: str, columns: list[str], model: type[Model], rows: Iterator[Iterable[Any]]) -> None:
    places = ", ".join(["%s"] * len(columns))
    statement = f"INSERT INTO {_quoted(table)} ({', '.join(map(_quoted, columns))}) VALUES ({places})"  # noqa: S608
    spell = [_spelling(model, column) for column in columns]
    prepared = [[value if as_ is None else as_(value) for as_, value in zip(spell, row, strict=True)] for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(statement, prepared)


def _spelling(model: type[Model], column: str) -> Callable[[Any], Any] | None:
    """Return how SQLite stores values of a column that are not what they are in Python, None for all others."""
    field = model._meta.get_field(column)
    if isinstance(field, DateTimeField):
        return connection.ops.adapt_datetimefield_value
    target = field.target_field if isinstance(field, ForeignKey) else field
    return (lambda value: value.hex) if isinstance(target, UUIDField) else None


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
