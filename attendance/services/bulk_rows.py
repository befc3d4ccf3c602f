"""Appending rows past what makes `save()` slow: very many without a model instance, and one by a known statement."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import DateTimeField, ForeignKey, Model, UUIDField

Row = TypeVar("Row", bound=Model)
BATCH = 10_000
Columns = Mapping[str, Any]
"""The values of a row by the names of its columns, the same names in the same order in every row."""


def append_rows(model: type[Model], rows: Iterable[Columns]) -> int:
    """Append rows as they are to the model's table and return their number; to be called in a transaction.

    PostgreSQL takes them by COPY, SQLite by one prepared statement. Every column without a default is named.
    """
    number = 0
    waiting = iter(rows)
    write = _copy if connection.vendor == "postgresql" else _insert
    while batch := list(islice(waiting, BATCH)):
        write(model._meta.db_table, list(batch[0]), model, (row.values() for row in batch))
        number += len(batch)
    return number


def append(row: Row) -> Row:
    """Store one new row, and return it with its id, as `save()` would; its statement is spelled once per model.

    A check-in stores three rows, and spelling three statements takes longer than executing them.
    """
    fields = [field for field in row._meta.local_concrete_fields if not field.primary_key]
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(_insertion(type(row)), values)
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return row


@cache
def _insertion(model: type[Model]) -> str:
    meta: Any = model._meta
    columns = [_quoted(field.column) for field in meta.local_concrete_fields if not field.primary_key]
    places = ", ".join(["%s"] * len(columns))
    into = f"{_quoted(meta.db_table)} ({', '.join(columns)})"
    return f"INSERT INTO {into} VALUES ({places}) RETURNING {_quoted(meta.pk.column)}"  # noqa: S608


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
