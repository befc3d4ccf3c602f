"""The cache as scripts and other programs know it: values kept by hand under a key, and ended by hand.

A value kept here ends with its time, or when somebody says so: whoever changes what it was made from calls
`invalidate`, `delete` or their like. Storing is not such a word: another process may have the value before.
A key is `resource:organisation[:parameter:value…]`, or any text.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from attendance.caching import counters, figures, manual, memory, stamps, warming
from attendance.caching.accessors import reason_to_bypass
from attendance.caching.breaker import redis_breaker
from attendance.caching.causes import Missed
from attendance.caching.rules import registry

TIMEOUTS: Mapping[str, int] = {
    "courses": 1800,  # Courses are added and changed all through a term.
    "faculty": 3600,  # Teachers come and go a few times a year.
    "rooms": 3600,  # Buildings hardly change; the seats of a room now and then.
    "students": 1800,  # Enrolment moves many students in the first weeks.
    "time_slots": 7200,  # They follow from the configuration and the departments.
    "config": 86400,  # The hours of a day are set once a year.
    "departments": 7200,  # Departments change between terms.
}
"""Seconds for which values of a resource are kept unless `ttl` says otherwise."""
DEFAULT_TIMEOUT = 300
LONGEST_TIMEOUT = int((stamps.LIFE - timedelta(hours=1)).total_seconds())

_PATTERNS = "A pattern is resource:*, resource:organisation:* or one whole key; {!r} is none of them."
_NOT_JSON = "Only what JSON can hold is kept (lists, dicts with text as keys, text, numbers, true, false, null)."


class CacheManager:
    """Values kept by hand; all functions of the class itself, there is nothing to construct.

    Inside a transaction, with CACHE_ENABLED off, or after a write that Redis did not confirm, nothing is found and
    nothing is kept: the caller goes to the source, as with every miss.
    """

    @staticmethod
    def set_cached(key: str, data: object, timeout: int = DEFAULT_TIMEOUT) -> None:
        """Keep a value under a key for at most that many seconds, and at least nine tenths of them.

        When this thread has looked for the key before and missed it, the value hangs on the stamps of that moment: one
        that was loaded before somebody else's `invalidate` and stored after it is not served.

        Raises:
            TypeError: JSON cannot hold the data, or would give it back changed.
            ValueError: the key cannot be one, or the time is not from 1 to 86400 seconds.
        """
        address, value = manual.address_of(key), _as_json(data)
        if not 1 <= timeout <= LONGEST_TIMEOUT:
            raise ValueError(f"A value is kept from 1 to {LONGEST_TIMEOUT} seconds, not {timeout!r}.")
        if not reason_to_bypass():
            manual.keep(address, value, timedelta(seconds=timeout))

    @staticmethod
    def get_cached(key: str) -> Any:
        """Return the value kept under a key, None when there is none.

        Raises:
            ValueError: the key cannot be one.
        """
        address, reason = manual.address_of(key), reason_to_bypass()
        if reason:
            counters.bypassed(address.resource, address.organisation, reason)
            return None
        found = manual.look_up(address)
        if isinstance(found, Missed):
            counters.missed(address.resource, address.organisation, found)
            return None
        counters.hit(address.resource, address.organisation)
        return json.loads(found)

    @staticmethod
    def delete(key: str) -> None:
        """End the value of one key, everywhere.

        Raises:
            ValueError: the key cannot be one.
        """
        address = manual.address_of(key)
        manual.end(f"manual.key={address.key}", f"manual:{address.resource}:delete", address.resource)

    @staticmethod
    def get(resource: str, org: UUID | str | int, **params: object) -> Any:
        """Return what is kept of a resource of an organisation under these parameters, None when nothing is."""
        return CacheManager.get_cached(manual.spelled(resource, org, params))

    @staticmethod
    def set(resource: str, org: UUID | str | int, data: object, ttl: int | None = None, **params: object) -> None:
        """Keep a value for as long as its resource allows (`TIMEOUTS`), or for `ttl` seconds; see `set_cached`."""
        timeout = TIMEOUTS.get(resource, DEFAULT_TIMEOUT) if ttl is None else ttl
        CacheManager.set_cached(manual.spelled(resource, org, params), data, timeout)

    @staticmethod
    def invalidate(resource: str, org: UUID | str | int, **params: object) -> None:
        """End the value with these parameters; without any, all values of the resource in that organisation."""
        key = manual.spelled(resource, org, params)
        named = any(value is not None for value in params.values())
        CacheManager.invalidate_pattern(key if named else f"{key}:*")

    @staticmethod
    def invalidate_pattern(pattern: str) -> None:
        """End all values of `resource:*` or of `resource:organisation:*`, or the one of a whole key.

        Raises:
            ValueError: the pattern is another one; to find its keys would mean to look at all there are.
        """
        if "*" not in pattern:
            CacheManager.delete(pattern)
            return
        subject, last = pattern[:-2], pattern[-2:]
        resource, *scope = subject.split(":")
        if last != ":*" or len(scope) > 1 or not all([resource, *scope]) or "*" in subject or not subject.isprintable():
            raise ValueError(_PATTERNS.format(pattern))
        manual.end(f"manual.{'scope' if scope else 'resource'}={subject}", f"manual:{resource}:invalidate", subject)

    @staticmethod
    def delete_pattern(pattern: str) -> None:
        """End all values of a pattern; another name of `invalidate_pattern`."""
        CacheManager.invalidate_pattern(pattern)

    @staticmethod
    def warm_cache(org: UUID | str, client: object = None) -> Mapping[str, str]:
        """Read ahead what an organisation is asked for first, and return per resource what became of it.

        Args:
            org: the organisation's id.
            client: nothing is asked of it; rows are read over Django's connection. Callers of the contract name one.

        Raises:
            ValueError: that is no id of an organisation.
        """
        return warming.warm(org)

    @staticmethod
    def invalidate_related_cache(model: str, object_id: UUID | str | int, verb: str) -> None:
        """End everything that shows rows of a model, as if all of them had changed.

        Writes need no such call: the triggers know them. It is for what happened behind the database's back.

        Args:
            model: the name of a cache rule, such as `course`.
            object_id: the row that somebody speaks of; it stands in the log.
            verb: what happened to it, such as `update`; it stands in the new stamp.

        Raises:
            ValueError: no rule has that name.
        """
        names = sorted(rule.name for rule in registry.rules)
        if model not in names:
            raise ValueError(f"{model!r} is no model of the cache; write one of {', '.join(names)}.")
        manual.end(model, f"{model}:{object_id}:{verb}", f"{model} (ID: {object_id})")

    @staticmethod
    def get_stats(org: UUID | str | None = None) -> dict[str, int | float | bool]:
        """Return how much is kept and how often it was found in the last hour, by all processes.

        Args:
            org: the organisation whose figures are wanted; None for all of them.

        Returns:
            `memory_cache_size`, entries in this process; `redis_available`, whether Redis answers now; `redis_keys`,
            entries in Redis; `redis_hits`, `redis_misses` and `redis_hit_rate`, a fraction. Those of Redis are 0 while
            it does not answer.
        """
        with memory.memory.lock:
            size = sum(len(stored) for stored in memory.memory.items.values())
        available = redis_breaker.attempt(lambda: stamps.client().ping())
        organisation = None if org is None else manual.organisation_id(org)
        rows = figures.resource_figures(organisation=organisation) if available else []
        hits, misses = sum(each.hits for each in rows), sum(sum(each.misses.values()) for each in rows)
        return {
            "memory_cache_size": size,
            "redis_available": available,
            "redis_keys": sum(each.entries for each in rows),
            "redis_hits": hits,
            "redis_misses": misses,
            "redis_hit_rate": hits / (hits + misses) if hits + misses else 0.0,
        }

    @staticmethod
    def clear_all() -> None:
        """End every value of every organisation, cached accessors' too, at the same cost however many there are."""
        manual.end_everything()


def _as_json(data: object) -> bytes:
    try:
        text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise TypeError(f"{_NOT_JSON} {error}") from error
    if json.loads(text) != data:
        raise TypeError(f"{_NOT_JSON} A tuple would come back as a list, a number that is a key as text.")
    return text.encode()
