"""Counters: how often each resource was found, missed, passed by and stored, for each organisation.

Counting is adding one to a number in the memory of this process. The thread that runs the rounds carries the numbers
over to Redis (`reports`), all of them in one trip a second; without Redis they stay here. Every read is counted once:
as a hit, as a miss, or as one that passed the cache by.
"""

import os
import threading
import time
from collections import Counter, defaultdict
from datetime import timedelta
from typing import NamedTuple

from attendance.caching import journal
from attendance.caching.causes import Missed

HIT, MISS, BYPASS, STORED = "hit", "miss", "bypass", "stored"
ENDED_BY = "ended by"
"""Of a miss that a write is to blame for: which one, as `<rule>:<verb>`."""
MICROSECONDS, SIZE = "microseconds", "bytes"
"""How long all that was stored took to make, and how large it was."""
SUMS = (HIT, STORED, MICROSECONDS, SIZE)
"""What is of interest as a sum, whatever the cause."""
KEPT_MINUTES = 120
"""For so long each minute is remembered by itself."""


class Counted(NamedTuple):
    """What is counted: of which resource and organisation (empty for none), which kind, and why, where that counts."""

    resource: str
    organisation: str
    kind: str
    why: str = ""


Numbers = dict[Counted, int]
Minutes = dict[int, Numbers]


class Tally:
    """What this process counted: what is new, and what was new in each minute that nobody was told of yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._new: Numbers = defaultdict(int)
        # Apart from the rest, because spelling what is counted takes longer than counting it.
        self._hits: dict[tuple[str, str], int] = defaultdict(int)
        self._minutes: Minutes = {}

    def add(self, counted: Counted, number: int = 1) -> None:
        """Count."""
        with self._lock:
            self._new[counted] += number

    def hit(self, resource: str, organisation: str) -> None:
        """Count a hit."""
        with self._lock:
            self._hits[resource, organisation] += 1

    def minutes(self) -> Minutes:
        """Return what was counted, by minute since 1970; what came since the last call counts for the present one."""
        with self._lock:
            self._roll()
            return {minute: dict(numbers) for minute, numbers in self._minutes.items()}

    def take(self) -> Minutes:
        """Return the same, and forget it here."""
        with self._lock:
            self._roll()
            taken, self._minutes = self._minutes, {}
            return taken

    def _roll(self) -> None:
        """Move what is new into the present minute, and drop minutes that are too old."""
        now = this_minute()
        for (resource, organisation), number in self._hits.items():
            self._new[Counted(resource, organisation, HIT)] += number
        self._hits = defaultdict(int)
        if self._new:
            numbers = self._minutes.setdefault(now, {})
            for counted, number in self._new.items():
                numbers[counted] = numbers.get(counted, 0) + number
            self._new = defaultdict(int)
        for minute in [minute for minute in self._minutes if minute <= now - KEPT_MINUTES]:
            del self._minutes[minute]

    def begin_anew(self) -> None:
        """Forget everything, and who was counting: what a process counted before it was forked is its parent's."""
        self.__init__()  # type: ignore[misc]


tally = Tally()
os.register_at_fork(after_in_child=tally.begin_anew)


def this_minute() -> int:
    """Return the present minute since 1970."""
    return int(time.time() // 60)


def hit(resource: str, organisation: str) -> None:
    """Count that a value was found, and note it in the log."""
    tally.hit(resource, organisation)
    journal.hit(resource)


def missed(resource: str, organisation: str, why: Missed) -> None:
    """Count that a value was not found or not valid any more, and note it in the log."""
    tally.add(Counted(resource, organisation, MISS, why.cause))
    if why.by:
        rule, *_which, verb = why.by.split(":")
        tally.add(Counted(resource, organisation, ENDED_BY, f"{rule}:{verb}"))
    journal.miss(resource)


def bypassed(resource: str, organisation: str, reason: str) -> None:
    """Count that a read did not ask the cache; `reason` is one of `causes.BYPASSES`."""
    tally.add(Counted(resource, organisation, BYPASS, reason))


def stored(resource: str, organisation: str, timeout: timedelta, size: int, seconds: float) -> None:
    """Count that a value of so many bytes was made in so many seconds and kept, and note it in the log."""
    tally.add(Counted(resource, organisation, STORED))
    tally.add(Counted(resource, organisation, MICROSECONDS), int(seconds * 1_000_000))
    tally.add(Counted(resource, organisation, SIZE), size)
    journal.stored(resource, timeout)


def by_why(numbers: Numbers, kind: str) -> dict[str, int]:
    """Return the numbers of one kind by cause, the greatest first."""
    found: Counter[str] = Counter()
    for counted, number in numbers.items():
        if counted.kind == kind:
            found[counted.why] += number
    return dict(found.most_common())


def of_organisation(numbers: Numbers, organisation: str | None) -> Numbers:
    """Return the numbers of one organisation; None for all of them together."""
    if organisation is None:
        return numbers
    return {counted: number for counted, number in numbers.items() if counted.organisation == organisation}
