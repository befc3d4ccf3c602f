"""Counters: how often each resource was found, missed, passed by and stored, for each organisation.

Counting is adding one to a number in the memory of this process. The thread that runs the rounds carries the numbers
over to Redis, in one trip a second for all of them.
"""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

HIT, MISS, BYPASS, STORED, KILLER = "hit", "miss", "bypass", "stored", "killer"
LOADED, SIZE = "microseconds", "bytes"


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted: of which resource and organisation (empty: of none), which kind, and why, where that counts."""

    resource: str
    organisation: str
    kind: str
    why: str = ""


Numbers = Counter[Counted]


@dataclass
class Tally:
    """What this process counted, by minute since 1970."""

    minutes: dict[int, Numbers] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, counted: Counted, number: int = 1) -> None:
        """Count."""
        minute = int(time.time() // 60)
        with self.lock:
            numbers = self.minutes.get(minute)
            if numbers is None:
                numbers = self.minutes[minute] = Counter()
            numbers[counted] += number


tally = Tally()
KINDS = (HIT, MISS, BYPASS, STORED, KILLER, LOADED, SIZE)


def recent(*, organisation: str | None, minutes: int) -> dict[int, Numbers]:
    """Return what was counted in each of the last minutes, the present one included, by minute since 1970."""
    first = int(time.time() // 60) - minutes + 1
    with tally.lock:
        kept = {minute: Counter(numbers) for minute, numbers in tally.minutes.items() if minute >= first}
    if organisation is None:
        return kept
    return {minute: _of(organisation, numbers) for minute, numbers in kept.items()}


def _of(organisation: str, numbers: Numbers) -> Numbers:
    return Counter({counted: number for counted, number in numbers.items() if counted.organisation == organisation})
