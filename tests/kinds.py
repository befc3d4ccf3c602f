"""The three kinds of test, by marker; each test has exactly one, which follows from the fixtures it asks for.

- `plain`: runs in a transaction that is rolled back, so the cache stands aside and says why. Most tests.
- `cached`: its rows are committed, so the cache works; entries have a key prefix of the test's own.
- `process`: several processes, or a browser and a server.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance.caching.accessors import reason_to_bypass

KINDS = ("plain", "cached", "process")
_OF_PROCESSES = {"process_environment", "live_server", "page"}


def kind_of(item: pytest.Item) -> str:
    """Return the kind of a collected test."""
    fixtures = set(getattr(item, "fixturenames", ()))
    database = item.get_closest_marker("django_db")
    if fixtures & _OF_PROCESSES:
        return "process"
    if "transactional_db" in fixtures or (database is not None and database.kwargs.get("transaction")):
        return "cached"
    return "plain"


def mark_kinds(items: list[pytest.Item]) -> None:
    """Give each test the marker of its kind.

    Raises:
        pytest.UsageError: a test says of itself that it is of another kind.
    """
    for item in items:
        kind = kind_of(item)
        stated = [name for name in KINDS if item.get_closest_marker(name)]
        if stated not in ([], [kind]):
            raise pytest.UsageError(f"{item.nodeid} says {', '.join(stated)}; by its fixtures it is {kind}.")
        item.add_marker(kind)


@contextmanager
def served_from_cache() -> Iterator[None]:
    """Fail unless everything in the block is answered without a query."""
    reason = reason_to_bypass()
    if reason:
        pytest.fail(
            f"This is a plain test: {reason}, so the database answers and nothing here can be a hit."
            " Ask for `transactional_db`, which makes it a cached test."
        )
    with CaptureQueriesContext(connection) as queries:
        yield
    assert not queries.captured_queries, f"not a hit: {queries.captured_queries[0]['sql']}"
