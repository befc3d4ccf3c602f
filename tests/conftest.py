"""What every test stands on: a database in a file, a flush that works, cache entries of its own."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.db import connection
from django.utils import translation
from pytest_django import DjangoDbBlocker, Settings

from attendance.caching import counters, reports
from tests.cast import campus
from tests.emptying import Emptying
from tests.kinds import mark_kinds
from tests.servers.environment import PROJECT

__all__ = ["campus"]


# The suite tries the same examples every time, so that it fails for the change under test only;
# `HYPOTHESIS_PROFILE=search` looks for new ones. A busy machine is no failure, hence no deadline.
hypothesis.settings.register_profile("suite", deadline=None, derandomize=True)
hypothesis.settings.register_profile("search", deadline=None, max_examples=1000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test its kind, before `-m` chooses among them."""
    mark_kinds(items)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Keep SQLite's test database in a file: several processes share it, and write-ahead logging needs one."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(Path(tempfile.gettempdir()) / "test_lumina.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Empty tables between tests at the cost of what is in them."""
    with django_db_blocker.unblock():
        emptying = Emptying()
    with emptying.between_tests():
        yield


@pytest.fixture(autouse=True)
def own_cache_entries(settings: Settings) -> None:
    """Give each test a key prefix of its own, so that no test reads what another one stored, and counters at zero."""
    counters.tally.begin_anew()
    reports.report = reports.Report()
    prefix = f"test-{uuid.uuid4().hex}"
    settings.CACHES = {name: {**cache, "KEY_PREFIX": prefix} for name, cache in settings.CACHES.items()}


@pytest.fixture(autouse=True)
def own_language() -> None:
    """Begin each test in English: a request leaves the language of its reader behind in the thread."""
    translation.deactivate()


@pytest.fixture
def process_environment(transactional_db: None) -> dict[str, str]:
    """The variables with which another process works on the same database and Redis as the test."""
    database = connection.settings_dict
    url = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        server = "{USER}:{PASSWORD}@{HOST}:{PORT}".format_map(database)
        url = f"postgresql://{server}/{database['NAME']}"
    return {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(PROJECT)}
