"""Single flight: of all processes that miss an entry at once, one loads it and the others wait for what it stores.

A lock lasts a second, and the background thread of a process prolongs those it holds, so a long load has no company and
a lock that somebody died with ends soon. Whoever waited in vain loads without storing: late, never wrong.
"""

import secrets
import time
from collections.abc import Sequence
from contextlib import suppress

from redis.exceptions import RedisError

from attendance.caching import counters, entries, index, keys, rounds, stamps
from attendance.caching.breaker import redis_breaker
from attendance.caching.causes import Missed
from attendance.caching.entries import Look, Reading
from attendance.caching.lookups import Lookup

LONGEST_WAIT = 10.0
"""Seconds that a request waits for what others load before it loads without storing."""
LOCK_MS = 1_000
"""How long a lock outlives whoever died, froze or was cut off with it."""
_POLL = 0.01

_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end"
_PROLONG = """
for place, key in ipairs(KEYS) do
    if redis.call('GET', key) == ARGV[place + 1] then redis.call('PEXPIRE', key, ARGV[1]) end
end
"""
_held: dict[str, str] = {}
"""The locks that this process holds, by key, with the token that says so."""


def look_at(names: Sequence[str], tags: Sequence[str]) -> Look:
    """Look for entries and stamps, after one round of this process where the fence has fallen.

    Raises:
        RedisError: Redis does not answer.
    """
    found = entries.look(names, tags)
    if found.fenced or not rounds.try_one():
        return found
    return entries.look(names, tags)


def look(name: str, tags: Sequence[str]) -> Reading:
    """Look for one entry likewise.

    Raises:
        RedisError: Redis does not answer.
    """
    return look_at([name], tags).reading(name, tags)


def load_once(wanted: Lookup, missed: Missed) -> bytes:
    """Return the value of a missing entry, loaded here or by whoever was faster, and count the miss.

    Raises:
        RedisError: Redis stopped answering before the miss was counted.
        NotStorableError: it was loaded here and is for this caller alone.
    """
    until, token = time.monotonic() + LONGEST_WAIT, secrets.token_hex(8)
    is_ours, ends_at = _take_lock(wanted, token)
    counters.missed(wanted.resource, wanted.organisation, index.explained(missed, ends_at))
    try:
        while not is_ours:
            waited = _wait_for(wanted.name, wanted.tags, until)
            if waited is not None:
                return waited
            if time.monotonic() >= until:
                return wanted.load()
            is_ours, _ends_at = _take_lock(wanted, token)
        return _load_and_release(wanted, token)
    except RedisError as error:  # Nothing was loaded yet: what comes after a load does not raise it.
        redis_breaker.failed(error)
        return wanted.load()


def refresh(wanted: Lookup) -> None:
    """Make an entry anew that still is valid, unless somebody does so already."""
    token = secrets.token_hex(8)
    is_ours, _ends_at = _take_lock(wanted, token)
    if is_ours:
        with suppress(entries.NotStorableError):
            _load_and_release(wanted, token)


def _take_lock(wanted: Lookup, token: str) -> tuple[bool, float | None]:
    """Take the lock of an entry unless somebody holds it, and ask along the way when the entry ends or ended."""
    lock = ("SET", keys.lock(wanted.name), token, "NX", "PX", LOCK_MS)
    taken, ends_at = stamps.try_each(lock, index.asked(wanted.place, wanted.name))
    if isinstance(taken, RedisError):
        raise taken
    return taken is not None, ends_at if isinstance(ends_at, float) else None


def prolong_held() -> None:
    """Let the locks of loads that are still under way in this process last another while; at most one round trip.

    Raises:
        RedisError: Redis does not answer.
    """
    held = dict(_held)
    if held:
        stamps.run_script(_PROLONG, list(held), LOCK_MS, *held.values())


def _load_and_release(wanted: Lookup, token: str) -> bytes:
    lock = keys.lock(wanted.name)
    _held[lock] = token
    try:
        # Somebody may have stored it between this caller's look and its lock.
        reading = look(wanted.name, wanted.tags)
        if reading.value is not None and not reading.is_due:
            return reading.value
        started = time.perf_counter()
        value = entries.fill(wanted.name, wanted.tags, wanted.timeout, wanted.load, wanted.place)
        taken = time.perf_counter() - started
        counters.stored(wanted.resource, wanted.organisation, wanted.timeout, len(value), taken)
        return value
    finally:
        _held.pop(lock, None)
        # A Redis that just failed is not tried again: the lock ends by itself.
        redis_breaker.attempt(lambda: stamps.run_script(_RELEASE, [lock], token))


def _wait_for(name: str, tags: Sequence[str], until: float) -> bytes | None:
    """Return the value once it is stored; None when the lock is free and there is none."""
    while time.monotonic() < until:
        time.sleep(_POLL)
        reading = look(name, tags)
        if reading.value is not None:
            return reading.value
        if not stamps.trip(("EXISTS", keys.lock(name)))[0]:
            return None
    return None
