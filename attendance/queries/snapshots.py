"""Reading much, over many statements, as of one moment."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import Model


@contextmanager
def one_snapshot(models: Sequence[type[Model]]) -> Iterator[None]:
    """Show the block these tables as they are when it begins, whatever is written meanwhile; nobody has to wait.

    On PostgreSQL a lock that only the emptying of a table waits for is taken first, because who empties one pays no
    heed to snapshots. On SQLite the transaction is begun by hand: those of the product wait for the right to write.

    Raises:
        RuntimeError: a transaction is open already, which has its own view of things.
    """
    if connection.vendor == "postgresql":
        tables = ", ".join(f'"{model._meta.db_table}"' for model in models)
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute(f"LOCK TABLE {tables} IN ACCESS SHARE MODE")
            yield
        return
    if connection.in_atomic_block:
        raise RuntimeError("A snapshot cannot begin inside a transaction.")
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
    try:
        yield
    finally:
        connection.rollback()
