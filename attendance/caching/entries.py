"""Entries: values in Redis, each with the vector it was loaded under.

The invariants kept here: a hit needs the fence and a vector equal to the present one; a fill takes its vector before
the first query, so an entry that a write overtook is born dead; nothing is stored inside a transaction.
"""

import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from redis.exceptions import RedisError

from attendance.caching import fills, keys, stamps
from attendance.caching.breaker import redis_breaker

_VECTOR_LENGTH = 64
_HEAD = re.compile(rb" ([0-9]{1,15}) ([0-9]{1,15}) ([0-9]{1,12})\n")
_JITTER = 0.1
"""An entry lives up to a tenth shorter than its resource allows, so that entries made together do not end together."""
REFRESH_FROM = 0.9
"""After this part of its life an entry is made anew in the background while it is still served."""


@dataclass(frozen=True)
class Reading:
    """What one look at Redis found: whether the fence stands, and the value if it is valid."""

    fenced: bool
    value: bytes | None
    is_due: bool = False


def read(name: str, tags: Sequence[str]) -> Reading:
    """Look for an entry; one round trip.

    Raises:
        RedisError: Redis does not answer.
    """
    names = [keys.entry(name), keys.fence(), keys.epoch(), *keys.stamps(tags)]
    stored, fence, *found = stamps.trip(("MGET", *names))[0]
    vector = stamps.vector_of(found)
    if fence is None:
        return Reading(fenced=False, value=None)
    if stored is None or not vector or stored[:_VECTOR_LENGTH] != vector:
        return Reading(fenced=True, value=None)
    return _taken_apart(stored[_VECTOR_LENGTH:], now=time.time() * 1000)


def _taken_apart(stored: bytes, now: float) -> Reading:
    """Return what an entry holds behind its vector: when to refresh it, when it ends, its length, and the value.

    What does not look like that was not written by this code, and counts as missing.
    """
    head = _HEAD.match(stored)
    if head is None:
        return Reading(fenced=True, value=None)
    refresh_at, valid_until = int(head[1]), int(head[2])
    value = stored[head.end() :]
    if (valid_until and now >= valid_until) or len(value) != int(head[3]):
        return Reading(fenced=True, value=None)
    if valid_until:
        fills.valid_until(datetime.fromtimestamp(valid_until / 1000, UTC))
    return Reading(fenced=True, value=value, is_due=now >= refresh_at)


def fill(name: str, tags: Sequence[str], timeout: timedelta, load: Callable[[], bytes]) -> bytes:
    """Load a value and store it under the vector that held before; return the value.

    Raises:
        RedisError: Redis does not answer before the value was loaded.
    """
    vector = stamps.take(tags)
    value, loaded = fills.run(load)
    _store(name, vector, value, timeout, loaded)
    return value


def _store(name: str, vector: bytes, value: bytes, timeout: timedelta, loaded: fills.Fill) -> None:
    now = int(time.time() * 1000)
    life = int(timeout.total_seconds() * 1000 * random.uniform(1 - _JITTER, 1))  # noqa: S311 -- no secret
    until = int(loaded.valid_until.timestamp() * 1000) if loaded.valid_until else 0
    if until:
        life = min(life, until - now)
    if life <= 0:
        return
    head = f" {now + int(life * REFRESH_FROM)} {until} {len(value)}\n".encode()
    try:
        stamps.trip(("SET", keys.entry(name), vector + head + value, "PX", life))
    except RedisError as error:
        redis_breaker.failed(error)  # The value is right all the same.
