"""Writers: a write is visible everywhere before it is acknowledged.

Every statement is seen by a wrapper around the connection, whoever makes it: `save`, `update`, `bulk_create`, a
cascade, raw SQL. After one that dirtied something it registers one callback, which replaces those stamps after commit.
Nothing is guessed from the statement: the triggers know, and the database tells (`told`). A transaction that dirtied
nothing, such as a login, costs no round trip.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from attendance.caching import bypass, journal, schema, stamps, told
from attendance.caching.breaker import redis_breaker
from attendance.caching.outbox import Change

_READS = re.compile(
    r"\s*(SELECT|BEGIN|COMMIT|SAVEPOINT|RELEASE|ROLLBACK|SHOW|SET|PRAGMA|DECLARE|FETCH|CLOSE)\b", re.IGNORECASE
)
MANY = 1000
"""From more fine tags of one table than this, the table tag stands for them all."""


def connect() -> None:
    """Put the wrapper around every connection that is opened from now on."""
    connection_created.connect(_wrap, dispatch_uid="caching.wrap")


def _wrap(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection.alias != DEFAULT_DB_ALIAS:
        return
    if connection.vendor == "postgresql":
        told.listen(connection)
    if _watch not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, _watch)  # Whoever wraps for a while takes the last one off again.


def _watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Run the statement, and after one that dirtied something see to it that its stamps are replaced on commit."""
    result = execute(sql, params, many, context)
    if not schema.migrating and _may_have_written(context["connection"], sql):
        _confirm_on_commit(context["connection"])
    return result


def _may_have_written(connection: BaseDatabaseWrapper, sql: str) -> bool:
    """Say whether the connection was told so; where nobody tells, everything that is not plainly a read may have."""
    return told.has_news(connection) if connection.vendor == "postgresql" else not _READS.match(sql)


def _confirm_on_commit(on: BaseDatabaseWrapper) -> None:
    """Register the callback unless the last one registered lives as long: a savepoint takes its own along."""
    if not on.in_atomic_block and not on.autocommit:
        bypass.begin()  # Somebody commits by hand and is heard of in the next round.
        return
    waiting = on.run_on_commit
    if waiting and waiting[-1][1] is confirm and set(waiting[-1][0]) <= set(on.savepoint_ids):
        return
    on.on_commit(confirm, robust=True)


def confirm() -> None:
    """Replace the stamps of what this connection dirtied; when Redis does not answer, the writer is told to bypass."""
    if not redis_breaker.configured:
        return  # Entries live in memory and ask the database at each hit.
    try:
        changes, done = told.changes(connection)
    except Error:
        bypass.begin()  # The write is committed, and nobody can say what it dirtied before the next round.
        raise
    if changes and not redis_breaker.attempt(lambda: stamps.replace(collapsed(changes))):
        bypass.begin()
        return  # What was not replaced is kept: the next write of this connection replaces it too.
    journal.written(change.cause for change in changes)
    done()


def collapsed(changes: Sequence[Change]) -> list[Change]:
    """Return the changes without repetition; more than a thousand fine tags of one table become its table tag."""
    causes = {change.tag: change.cause for change in changes}
    numbers = Counter(tag.partition(".")[0] for tag in causes)
    return [
        *(Change(tag, cause) for tag, cause in causes.items() if numbers[tag.partition(".")[0]] <= MANY),
        *(Change(table, f"{table}:many rows") for table, number in numbers.items() if number > MANY),
    ]
