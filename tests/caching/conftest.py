"""What tests of the engine need: committed rows, a Redis of real stamps, and an accessor that counts its loads."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from attendance import cache_tags
from attendance.caching import bypass, memory, rounds
from attendance.caching.accessors import CachedAccessor, cached
from attendance.caching.breaker import redis_breaker
from attendance.models import Organisation, Room


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
