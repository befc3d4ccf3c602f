"""Single flight: of all processes that miss an entry at once, one loads it and the others wait for what it stores.

A lock lasts a second, and the background thread of a process prolongs those it holds, so a long load has no company and
a lock that somebody died with ends soon. Whoever waited in vain loads without storing: late, never wrong.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from attendance.caching import entries, journal, keys, rounds, stamps
from attendance.caching.breaker import redis_breaker
from attendance.caching.entries import Look, Reading

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


def load_once(name: str, tags: Sequence[str], timeout: timedelta, load: Callable[[], bytes]) -> bytes:
    """Return the value of a missing entry, loaded here or by whoever was faster.

    Raises:
        RedisError: Redis stopped answering before anything was loaded.
        NotStorableError: it was loaded here and is for this caller alone.
    """
    until = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < until:
        token = secrets.token_hex(8)
        if _take_lock(name, token):
            return _load_and_release(name, tags, timeout, load, token)
        waited = _wait_for(name, tags, until)
        if waited is not None:
            return waited
    return load()


def refresh(name: str, tags: Sequence[str], timeout: timedelta, load: Callable[[], bytes]) -> None:
    """Make an entry anew that still is valid, unless somebody does so already."""
    token = secrets.token_hex(8)
    if _take_lock(name, token):
        with suppress(entries.NotStorableError):
            _load_and_release(name, tags, timeout, load, token)


def _take_lock(name: str, token: str) -> bool:
    """Take the lock of an entry unless somebody holds it."""
    [answer] = stamps.trip(("SET", keys.lock(name), token, "NX", "PX", LOCK_MS))
    return answer is not None


def prolong_held() -> None:
    """Let the locks of loads that are still under way in this process last another while; at most one round trip.

    Raises:
        RedisError: Redis does not answer.
    """
    held = dict(_held)
    if held:
        stamps.run_script(_PROLONG, list(held), LOCK_MS, *held.values())


def _load_and_release(
    name: str, tags: Sequence[str], timeout: timedelta, load: Callable[[], bytes], token: str
) -> bytes:
    _held[keys.lock(name)] = token
    try:
        # Somebody may have stored it between this caller's look and its lock.
        reading = look(name, tags)
        if reading.value is not None and not reading.is_due:
            return reading.value
        value = entries.fill(name, tags, timeout, load)
        journal.stored(name.partition(":")[0], timeout)
        return value
    finally:
        _held.pop(keys.lock(name), None)
        # A Redis that just failed is not tried again: the lock ends by itself.
        redis_breaker.attempt(lambda: stamps.run_script(_RELEASE, [keys.lock(name)], token))


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
