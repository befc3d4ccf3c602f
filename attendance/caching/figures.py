"""Figures: what whoever runs the cache wants to know of it, and what can be done about it.

The one module that command, page and metrics read. Organisations are ids as 32 digits and mean nothing here; None
stands for all of them.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from attendance.caching import counters, index, memory, reports
from attendance.caching.breaker import redis_breaker
from attendance.caching.clearing import clear, resources
from attendance.caching.counters import Numbers
from attendance.caching.health import TROUBLES, Health, ProcessState, health
from attendance.caching.samples import KeySample, explain, samples

__all__ = [
    "TROUBLES",
    "Health",
    "KeySample",
    "ProcessState",
    "ResourceFigures",
    "clear",
    "entries",
    "every_series",
    "explain",
    "health",
    "is_shared",
    "resource_figures",
    "resources",
    "samples",
    "series",
]


@dataclass(frozen=True)
class ResourceFigures:
    """What became of the reads of one resource.

    Attributes:
        resource: its name.
        hits: reads that the cache answered.
        misses: reads for which there was no valid entry, by one of `causes.MISSES`.
        bypassed: reads that did not ask the cache, by one of `causes.BYPASSES`.
        ended_by: how many of the misses were due to which kind of write, as `<rule>:<verb>`.
        stored: how many entries were made.
        entries: how many there are now whose time is not over, those that a write has ended included.
        load_seconds: how long making one took on average; None when none was made.
        bytes: how large one was on average; None when none was made.
    """

    resource: str
    hits: int
    misses: Mapping[str, int]
    bypassed: Mapping[str, int]
    ended_by: Mapping[str, int]
    stored: int
    entries: int
    load_seconds: float | None
    bytes: float | None

    @property
    def ratio(self) -> float | None:
        """Hits among the reads that asked the cache, from 0 to 1; None when none did."""
        asked = self.hits + sum(self.misses.values())
        return self.hits / asked if asked else None


def resource_figures(*, organisation: str | None, minutes: int = 60) -> list[ResourceFigures]:
    """Return the figures of the last minutes, a row for each resource that was read in them, by name.

    While there is no Redis they are those of this process alone.
    """
    total: Counter[counters.Counted] = Counter()
    for numbers in reports.recent(organisation=organisation, minutes=minutes).values():
        total.update(numbers)
    present = entries(organisation=organisation)
    names = sorted({counted.resource for counted in total} | set(present))
    return [_figures(resource, total, present.get(resource, 0)) for resource in names]


def _figures(resource: str, numbers: Numbers, entries: int) -> ResourceFigures:
    own = {counted: number for counted, number in numbers.items() if counted.resource == resource}
    sums = {kind: sum(counters.by_why(own, kind).values()) for kind in counters.SUMS}
    stored = sums[counters.STORED]
    return ResourceFigures(
        resource=resource,
        hits=sums[counters.HIT],
        misses=counters.by_why(own, counters.MISS),
        bypassed=counters.by_why(own, counters.BYPASS),
        ended_by=counters.by_why(own, counters.ENDED_BY),
        stored=stored,
        entries=entries,
        load_seconds=sums[counters.MICROSECONDS] / 1_000_000 / stored if stored else None,
        bytes=sums[counters.SIZE] / stored if stored else None,
    )


def entries(*, organisation: str | None) -> Mapping[str, int]:
    """Return how many entries each resource has: in Redis, or in this process while Redis cannot be asked."""
    return redis_breaker.asked(lambda: _entries_in_redis(organisation), lambda: memory.memory.numbers(organisation))


def _entries_in_redis(organisation: str | None) -> dict[str, int]:
    places = index.places(organisation=organisation)
    found: Counter[str] = Counter()
    for place, number in zip(places, index.counts(places), strict=True):
        found[place.resource] += number
    return found


def is_shared() -> bool:
    """Say whether figures are those of all processes: Redis is there; otherwise they are of this process alone."""
    return redis_breaker.configured and not redis_breaker.open


def series(*, resource: str | None, organisation: str | None, minutes: int = 60) -> list[tuple[int, int]]:
    """Return (hits, misses) of each of the last minutes, the oldest first; the last one is the present minute."""
    return [_hits_and_misses(numbers, resource) for numbers in _by_minute(organisation, minutes)]


def every_series(*, organisation: str | None, minutes: int = 60) -> Mapping[str, list[tuple[int, int]]]:
    """Return the same for each resource that was read; as many round trips as for one of them."""
    found = _by_minute(organisation, minutes)
    resources = {counted.resource for numbers in found for counted in numbers}
    return {resource: [_hits_and_misses(numbers, resource) for numbers in found] for resource in resources}


def _by_minute(organisation: str | None, minutes: int) -> list[Numbers]:
    recent = reports.recent(organisation=organisation, minutes=minutes)
    first = counters.this_minute() - minutes + 1
    return [recent.get(first + each, {}) for each in range(minutes)]


def _hits_and_misses(numbers: Numbers, resource: str | None) -> tuple[int, int]:
    of_kind: Counter[str] = Counter()
    for counted, number in numbers.items():
        if resource in (None, counted.resource):
            of_kind[counted.kind] += number
    return of_kind[counters.HIT], of_kind[counters.MISS]
