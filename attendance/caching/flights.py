"""Single flight: of all processes that miss an entry at once, one loads it and the others wait for what it stores.

A lock that somebody died with ends by itself. Whoever waited in vain loads without storing: late, never wrong.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from attendance.caching import entries, keys, stamps

LONGEST_LOAD_MS = 10_000
_POLL = 0.01

_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end"


def load_once(name: str, tags: Sequence[str], timeout: timedelta, load: Callable[[], bytes]) -> bytes:
    """Return the value of a missing entry, loaded here or by whoever was faster.

    Raises:
        RedisError: Redis stopped answering before anything was loaded.
    """
    until = time.monotonic() + LONGEST_LOAD_MS / 1000
    while time.monotonic() < until:
        token = secrets.token_hex(8)
        if stamps.client().set(keys.lock(name), token, nx=True, px=LONGEST_LOAD_MS):
            return _load_and_release(name, tags, timeout, load, token)
        waited = _wait_for(name, tags, until)
        if waited is not None:
            return waited
    return load()


def refresh(name: str, tags: Sequence[str], timeout: timedelta, load: Callable[[], bytes]) -> None:
    """Make an entry anew that still is valid, unless somebody does so already."""
    token = secrets.token_hex(8)
    if stamps.client().set(keys.lock(name), token, nx=True, px=LONGEST_LOAD_MS):
        _load_and_release(name, tags, timeout, load, token)


def _load_and_release(
    name: str, tags: Sequence[str], timeout: timedelta, load: Callable[[], bytes], token: str
) -> bytes:
    try:
        # Somebody may have stored it between this caller's look and its lock.
        reading = entries.read(name, tags)
        if reading.value is not None and not reading.is_due:
            return reading.value
        return entries.fill(name, tags, timeout, load)
    finally:
        stamps.client().eval(_RELEASE, 1, keys.lock(name), token)


def _wait_for(name: str, tags: Sequence[str], until: float) -> bytes | None:
    """Return the value once it is stored; None when the lock is free and there is none."""
    while time.monotonic() < until:
        time.sleep(_POLL)
        reading = entries.read(name, tags)
        if reading.value is not None:
            return reading.value
        if not stamps.client().exists(keys.lock(name)):
            return None
    return None
