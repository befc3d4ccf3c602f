"""Entries: values in Redis, each signed, and with the vector it was loaded under.

The invariants kept here: a hit needs the fence, a signature of ours and a vector equal to the present one; a fill takes
its vector before the first query, so an entry that a write overtook is born dead; nothing is stored inside a
transaction.
"""

import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.exceptions import RedisError

from attendance.caching import causes, fills, index, keys, signing, stamps
from attendance.caching.breaker import redis_breaker
from attendance.caching.causes import Missed
from attendance.caching.index import Place

_VECTOR_LENGTH = 64
_HEAD = re.compile(rb" ([0-9]{1,15}) ([0-9]{1,15}) ([0-9]{1,15}) ([0-9]{1,15}) ([0-9]{1,12})\n")
_JITTER = 0.1
"""An entry lives up to a tenth shorter than its resource allows, so that entries made together do not end together."""
REFRESH_FROM = 0.9
"""After this part of its life an entry is made anew in the background while it is still served."""


class NotStorableError(Exception):
    """What was loaded is for whoever asked and for nobody else; a loader raises it and keeps the value itself."""


@dataclass(frozen=True)
class Taken:
    """What holds before a load: the vector of some tags, and when it was taken, in milliseconds since 1970."""

    vector: bytes
    tags: Sequence[str]
    at: int


def take(tags: Sequence[str]) -> Taken:
    """Take the vector of these tags as it is now; one round trip.

    Raises:
        RedisError: Redis does not answer.
    """
    vector = stamps.take(tags)
    # After it: a stamp that was made just now because it was missing is none that ended the entry later.
    return Taken(vector, tags, _milliseconds())


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Stored:
    """An entry as it lies in Redis: nothing here says that it is still valid, only that we wrote it.

    Attributes:
        vector: what it was loaded under.
        value: what was loaded.
        signature: of everything here under the entry's name; two entries that differ in anything have two.
        refresh_at: from when on it is made anew, in milliseconds since 1970.
        ends_at: when it ends by its age, in milliseconds since 1970; Redis lets it go then.
        valid_until: when it ends by the clock, in milliseconds since 1970; 0 for never.
        taken_at: when its vector was taken, in milliseconds since 1970.
        tags: those of its vector, one on a line; whoever explains the entry reads them.
    """

    vector: bytes
    value: bytes
    signature: bytes
    refresh_at: int
    ends_at: int
    valid_until: int
    taken_at: int
    tags: bytes

    @property
    def is_due(self) -> bool:
        """Whether it is to be made anew while it is still served."""
        return time.time() * 1000 >= self.refresh_at


@dataclass(frozen=True)
class Reading:
    """What one look at Redis found: whether the fence stands, and the entry if it is valid."""

    fenced: bool
    found: Stored | None = None

    @property
    def value(self) -> bytes | None:
        """The value, None when there is no valid one."""
        return self.found.value if self.found else None

    @property
    def is_due(self) -> bool:
        """Whether the value is to be made anew while it is still served."""
        return self.found is not None and self.found.is_due


@dataclass(frozen=True)
class Look:
    """What one round trip found: some entries as they lie there, the fence, the epoch and the stamps of tags."""

    answer: Sequence[bytes | None]
    fenced: bool
    stored: Mapping[str, bytes | None]
    epoch: bytes | None
    stamps: Mapping[str, bytes | None]

    def vector(self, tags: Sequence[str]) -> bytes:
        """Return the present vector of tags that were asked for; empty when a stamp is missing."""
        return stamps.vector_of([self.epoch, *(self.stamps[tag] for tag in tags)])

    def holds(self, vector: bytes, tags: Sequence[str]) -> bool:
        """Say whether what was loaded under that vector still holds."""
        return self.fenced and vector != b"" and vector == self.vector(tags)

    def reading(self, name: str, tags: Sequence[str]) -> Reading:
        """Return what was found under a name that was asked for."""
        found = opened(name, self.stored[name]) if self.fenced else None
        if found is None or not self.holds(found.vector, tags):
            return Reading(self.fenced)
        if found.valid_until:
            fills.valid_until(datetime.fromtimestamp(found.valid_until / 1000, UTC))
        return Reading(self.fenced, found)

    def missed(self, name: str, tags: Sequence[str]) -> Missed:
        """Return why nothing valid was found under a name; whether it was ever there, the index has to say."""
        found = opened(name, self.stored[name])
        if found is None:
            return Missed(causes.COLD)
        return self.ended(found.taken_at, tags)

    def ended(self, taken_at: int, tags: Sequence[str]) -> Missed:
        """Return what ended an entry whose vector was taken then: the first write after it, as far as stamps tell."""
        if self.epoch is None or None in [self.stamps[tag] for tag in tags]:
            return Missed(causes.LOST)
        epoch, _why = stamps.read_stamp(self.epoch)
        if epoch > taken_at:
            return Missed(causes.EPOCH, at=epoch)
        made = sorted(stamps.read_stamp(self.stamps[tag] or b"") for tag in tags)
        # Clocks of two machines may differ by more than passed in between; the latest stamp is then the likeliest one.
        later = [each for each in made if each[0] > taken_at] or made[-1:]
        # A stamp that was made because it was missing may have been so for this very entry, within the millisecond.
        written = [each for each in later if each[1] != stamps.MISSING]
        at, cause = (written or later or [(0, stamps.MISSING)])[0]
        return Missed(causes.LOST, at=at) if cause == stamps.MISSING else Missed(causes.INVALIDATED, cause, at)


def look(names: Sequence[str], tags: Sequence[str]) -> Look:
    """Look for entries and for the stamps of tags; one round trip.

    Raises:
        RedisError: Redis does not answer.
    """
    return looked(names, tags, stamps.trip(question(names, tags))[0])


def question(names: Sequence[str], tags: Sequence[str]) -> tuple[Any, ...]:
    """Return the command that looks for entries and for the stamps of tags."""
    return ("MGET", *keys.looked_at(names, tags))


def looked(names: Sequence[str], tags: Sequence[str], answer: Sequence[bytes | None]) -> Look:
    """Return what the answer to a question says."""
    fence, epoch, *marks = answer[len(names) :]
    stored = dict(zip(names, answer[: len(names)], strict=True))
    return Look(answer, fence is not None, stored, epoch, dict(zip(tags, marks, strict=True)))


def read(name: str, tags: Sequence[str]) -> Reading:
    """Look for one entry; one round trip.

    Raises:
        RedisError: Redis does not answer.
    """
    return look([name], tags).reading(name, tags)


def stored(name: str) -> Stored | None:
    """Return an entry as it lies there, whether it is still valid or not; one round trip.

    Raises:
        RedisError: Redis does not answer.
    """
    return opened(name, stamps.trip(("GET", keys.entry(name)))[0])


def opened(name: str, content: bytes | None) -> Stored | None:
    """Return what an entry holds: signature, vector, when to refresh it, when it ends, its length, value and tags.

    What does not look like that or is not signed by us counts as missing, and so does what has ended by the clock.
    """
    if content is None:
        return None
    signed, rest = content[: signing.LENGTH], content[signing.LENGTH :]
    head = _HEAD.match(rest, _VECTOR_LENGTH)
    if head is None or not signing.is_signed(name, rest, signed):
        return None
    until, end = int(head[3]), head.end() + int(head[5])
    if len(rest) < end or (until and time.time() * 1000 >= until):
        return None
    value, tags = rest[head.end() : end], rest[end:]
    return Stored(rest[:_VECTOR_LENGTH], value, signed, int(head[1]), int(head[2]), until, int(head[4]), tags)


def fill(
    name: str, tags: Sequence[str], timeout: timedelta, load: Callable[[], bytes], place: Place | None = None
) -> bytes:
    """Load a value and store it under the vector that held before; return the value.

    Raises:
        RedisError: Redis does not answer before the value was loaded.
        NotStorableError: the loader says that nobody else may have it.
    """
    taken = take(tags)
    value, loaded = fills.run(load)
    store(name, taken, value, timeout, loaded.valid_until, place)
    return value


def store(
    name: str, taken: Taken, value: bytes, timeout: timedelta, valid_until: datetime | None, place: Place | None = None
) -> None:
    """Store a value with the vector that was taken before it was loaded, unless it has ended already.

    Args:
        name: what the entry is called.
        taken: the vector of its tags and the epoch, from before the first query.
        value: what was loaded.
        timeout: how long it lives at most.
        valid_until: when it ends by the clock; None for never.
        place: where it is listed; None for nowhere.
    """
    now = _milliseconds()
    life = int(timeout.total_seconds() * 1000 * random.uniform(1 - _JITTER, 1))  # noqa: S311 -- no secret
    until = int(valid_until.timestamp() * 1000) if valid_until else 0
    if until:
        life = min(life, until - now)
    if life <= 0:
        return
    head = f" {now + int(life * REFRESH_FROM)} {now + life} {until} {taken.at} {len(value)}\n".encode()
    content = b"".join([taken.vector, head, value, "\n".join(taken.tags).encode()])
    entry = ("SET", keys.entry(name), signing.signature(name, content) + content, "PX", life)
    try:
        stored, *_noted = stamps.try_each(entry, *(index.noted(place, name, now + life) if place else ()))
        if isinstance(stored, RedisError):  # Whether it could be listed is of no interest to who asked for it.
            raise stored
    except RedisError as error:
        redis_breaker.failed(error)  # The value is right all the same.
