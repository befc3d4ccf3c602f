"""The index: which entries there are, by resource and organisation, each with the moment at which it ends.

A line is written in the same trip as its entry. It says nothing of what a write has ended since: it is for counting and
for looking at entries one by one, never for serving or ending them.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from attendance.caching import causes, keys, stamps
from attendance.caching.causes import Missed

REMEMBERED_MS = 3_600_000
"""How long after its end a line stays: who misses the entry learns from it that its time was over."""
_LIFE_MS = int(stamps.LIFE.total_seconds() * 1000)


@dataclass(frozen=True)
class Place:
    """Where an entry is listed."""

    resource: str
    organisation: str

    @property
    def key(self) -> str:
        """The key of the list."""
        return keys.index(self.resource, self.organisation)

    @property
    def text(self) -> str:
        """What the list of all lists calls it."""
        return f"{self.resource}\t{self.organisation}"


def noted(place: Place, name: str, ends_at: int) -> Sequence[tuple[Any, ...]]:
    """Return the commands that list an entry, to go along with the one that stores it; milliseconds since 1970."""
    now = int(time.time() * 1000)
    return [
        ("ZADD", place.key, ends_at, name),
        ("ZREMRANGEBYSCORE", place.key, "-inf", now - REMEMBERED_MS),
        ("PEXPIRE", place.key, _LIFE_MS),
        ("ZADD", keys.indexes(), now, place.text),
        ("PEXPIRE", keys.indexes(), _LIFE_MS),
    ]


def asked(place: Place, name: str) -> tuple[Any, ...]:
    """Return the command that asks when an entry ends or ended; it goes along with one that is sent anyway."""
    return "ZSCORE", place.key, name


def explained(missed: Missed, ends_at: float | None) -> Missed:
    """Return why an entry was missing, now that the index was asked as well."""
    if missed.cause != causes.COLD or ends_at is None:
        return missed
    return Missed(causes.EXPIRED if ends_at <= time.time() * 1000 else causes.LOST)


def places(*, resource: str | None = None, organisation: str | None = None) -> list[Place]:
    """Return where entries are listed; one round trip.

    Raises:
        RedisError: Redis does not answer.
    """
    [found] = stamps.trip(("ZRANGE", keys.indexes(), 0, -1))
    every = [Place(*text.decode().split("\t")) for text in found]
    return [
        place for place in every if resource in (None, place.resource) and organisation in (None, place.organisation)
    ]


def counts(those: Iterable[Place]) -> list[int]:
    """Return how many entries are listed in each place whose time is not over; one round trip.

    Raises:
        RedisError: Redis does not answer.
    """
    now = int(time.time() * 1000)
    commands = [("ZCOUNT", place.key, now, "+inf") for place in those]
    return stamps.trip(*commands) if commands else []


def names(place: Place, most: int) -> list[str]:
    """Return the entries that end last; one round trip.

    Raises:
        RedisError: Redis does not answer.
    """
    [found] = stamps.trip(("ZRANGE", place.key, 0, most - 1, "REV"))
    return [name.decode() for name in found]


def every_name(place: Place) -> list[str]:
    """Return the entries that are listed in a place; one round trip.

    Raises:
        RedisError: Redis does not answer.
    """
    [found] = stamps.trip(("ZRANGE", place.key, 0, -1))
    return [name.decode() for name in found]
