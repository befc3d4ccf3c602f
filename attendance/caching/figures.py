"""Figures: what whoever runs the cache wants to know of it, and what can be done about it.

The one module that command, page and metrics read. Organisations are ids as 32 digits and mean nothing here; None
stands for all of them.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from attendance.caching import counters, manual
from attendance.caching.counters import Numbers
from attendance.caching.health import Health, ProcessState, health
from attendance.caching.samples import KeySample, explain, samples

__all__ = [
    "Health",
    "KeySample",
    "ProcessState",
    "ResourceFigures",
    "clear",
    "explain",
    "health",
    "resource_figures",
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
    total: defaultdict[str, Numbers] = defaultdict(Counter)
    for numbers in counters.recent(organisation=organisation, minutes=minutes).values():
        for counted, number in numbers.items():
            total[counted.resource][counted] += number
    return [_figures(resource, total[resource], organisation) for resource in sorted(total)]


def _figures(resource: str, numbers: Numbers, organisation: str | None) -> ResourceFigures:
    kinds = {kind: _by_why(numbers, kind) for kind in counters.KINDS}
    stored = sum(kinds[counters.STORED].values())
    return ResourceFigures(
        resource=resource,
        hits=sum(kinds[counters.HIT].values()),
        misses=kinds[counters.MISS],
        bypassed=kinds[counters.BYPASS],
        ended_by=kinds[counters.KILLER],
        stored=stored,
        entries=0,
        load_seconds=sum(kinds[counters.LOADED].values()) / 1e6 / stored if stored else None,
        bytes=sum(kinds[counters.SIZE].values()) / stored if stored else None,
    )


def _by_why(numbers: Numbers, kind: str) -> dict[str, int]:
    found: Counter[str] = Counter()
    for counted, number in numbers.items():
        if counted.kind == kind:
            found[counted.why] += number
    return dict(found.most_common())


def series(*, resource: str | None, organisation: str | None, minutes: int = 60) -> list[tuple[int, int]]:
    """Return (hits, misses) of each of the last minutes, the oldest first; the last one is the present minute."""
    first = int(time.time() // 60) - minutes + 1
    recent = counters.recent(organisation=organisation, minutes=minutes)
    return [_hits_and_misses(recent.get(first + each, Counter()), resource) for each in range(minutes)]


def _hits_and_misses(numbers: Numbers, resource: str | None) -> tuple[int, int]:
    of_kind: Counter[str] = Counter()
    for counted, number in numbers.items():
        if resource in (None, counted.resource):
            of_kind[counted.kind] += number
    return of_kind[counters.HIT], of_kind[counters.MISS]


def clear(*, resource: str | None, organisation: str | None, actor: str) -> int:
    """End entries everywhere, by new stamps and never by deleting, and return how many were known of.

    Args:
        resource: the one whose entries end; None for all.
        organisation: the one whose entries end; None for all.
        actor: who asked for it, as the log is to name them.
    """
    del resource, organisation, actor
    manual.end_everything()
    return 0
