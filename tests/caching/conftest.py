"""What tests of the engine need: committed rows, a Redis of real stamps, and an accessor that counts its loads."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from pytest_django import Settings
from redis.connection import Connection

from attendance import cache_tags
from attendance.caching import bypass, memory, rounds
from attendance.caching.accessors import CachedAccessor, cached
from attendance.caching.breaker import redis_breaker
from attendance.models import Organisation, Room
from tests.servers.redis_server import RunningRedis, running_redis

Trips = list[Any]
"""Messages that were sent to Redis."""


@dataclass
class Rooms:
    """The rooms of one organisation, read through the cache."""

    organisation: Organisation
    loads: list[str] = field(default_factory=list)

    def accessor(self) -> CachedAccessor[..., list[str]]:
        @cached(
            "rooms",
            timeout=timedelta(seconds=60),
            tags=lambda *, organisation: [cache_tags.rooms_of(organisation)],
        )
        def rooms(*, organisation: str) -> list[str]:
            self.loads.append(organisation)
            names = Room.objects.filter(organisation=organisation).order_by("name").values_list("name", flat=True)
            return list(names)

        return rooms

    def now(self) -> list[str]:
        """Read through the cache."""
        return self.accessor()(organisation=self.organisation.pk.hex)

    def truth(self) -> list[str]:
        """Read the database."""
        return self.accessor().uncached(organisation=self.organisation.pk.hex)


@pytest.fixture
def calm() -> Iterator[None]:
    """A process that has met no fault yet, and leaves none to the next test."""
    yield from _reset()


def _reset() -> Iterator[None]:
    for _time in range(2):
        redis_breaker.open = False
        memory.memory.drop()
        bypass.end()
        if _time == 0:
            yield


@pytest.fixture
def rooms(transactional_db: None, calm: None) -> Rooms:
    """An organisation without rooms, and stamps that follow the database."""
    organisation = Organisation.objects.create(slug="aldermoor", name="University of Aldermoor")
    assert rounds.run_now()
    return Rooms(organisation)


@pytest.fixture
def make_room(rooms: Rooms) -> Callable[[str], Room]:
    """A function that stores a room."""
    return lambda name: Room.objects.create(organisation=rooms.organisation, name=name)


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> Trips:
    """Every message sent to Redis from here on; a pipeline is one message, and each message one round trip."""
    sent: Trips = []
    send = Connection.send_packed_command

    def counted(self: Connection, command: Any, check_health: bool = True) -> None:
        sent.append(command)
        send(self, command, check_health)

    monkeypatch.setattr(Connection, "send_packed_command", counted)
    return sent


@pytest.fixture
def own_redis(calm: None, settings: Settings, tmp_path: Path) -> Iterator[RunningRedis]:
    """A Redis of the test's own, which it may freeze or kill, in the place of the one that all tests share."""
    with running_redis(tmp_path / "redis") as server:
        settings.REDIS_URL = server.url
        settings.CACHES = {**settings.CACHES, "default": {**settings.CACHES["default"], "LOCATION": server.url}}
        yield server


def plain_connection() -> Any:
    """Open a connection that knows nothing of Django, as `psql` and `sqlite3` do; what it did counts once committed."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return sqlite3.connect(database["NAME"], timeout=20)
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return psycopg.connect(**{name: database[setting] for name, setting in names.items()})


@contextmanager
def by_hand() -> Iterator[Any]:
    """Open such a connection for the block, and commit what it did at the end."""
    with closing(plain_connection()) as plain, plain:
        yield plain
