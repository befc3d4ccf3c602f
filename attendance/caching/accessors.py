"""Cached accessors: named reads whose result is kept until a row it depends on changes.

    @cached("course_list", timeout=timedelta(seconds=600), tags=lambda *, organisation: [tags.courses_of(organisation)])
    def courses(*, organisation: str) -> list[dict[str, object]]:
        ...

An accessor takes keyword arguments that JSON can spell and returns plain data. Its tags are a function of these
arguments and never of what was loaded.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

from django.conf import settings
from django.db import connection
from redis.exceptions import RedisError

from attendance.caching import background, bypass, causes, counters, flights, memory, schema
from attendance.caching.breaker import redis_breaker
from attendance.caching.lookups import Lookup, tags_for

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


resources: set[str] = set()
"""What the accessors that were made in this process are called."""
_ORGANISATION = "organisation"
"""The argument that says for whose figures a call counts, where an accessor has one."""


class CachedAccessor(Generic[Arguments, Result]):
    """A reading function behind the cache; `uncached` is the function itself, its twin in every comparison."""

    def __init__(
        self,
        function: Callable[Arguments, Result],
        resource: str,
        timeout: timedelta,
        tags: Callable[Arguments, list[str]],
    ) -> None:
        self.uncached, self.resource, self.timeout, self.tags = function, resource, timeout, tags
        resources.add(resource)
        update_wrapper(self, function)

    def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        """Return the result, from the cache when it holds."""
        wanted = self.lookup(*args, **kwargs)
        found = look_up(wanted)
        try:
            result: Result = json.loads(found)
        except ValueError:  # Somebody else wrote that value; the rows are right.
            result = json.loads(wanted.load())
        return result

    def serialised(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> bytes:
        """Return the result as the JSON text it is stored as, for answers that send it on as it is."""
        return look_up(self.lookup(*args, **kwargs))

    def lookup(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Lookup:
        """Return what this call is called in the cache, and what it depends on.

        Raises:
            TypeError: an argument has no name.
        """
        if args:
            raise TypeError(f"{self.resource} takes its arguments by name: the cache knows them by it.")
        spelled: dict[str, Any] = {name: value for name, value in kwargs.items() if value is not None}
        name = ":".join([self.resource, *(f"{name}={json.dumps(spelled[name])}" for name in sorted(spelled))])
        organisation = str(spelled.get(_ORGANISATION, ""))
        return Lookup(
            resource=self.resource,
            name=name,
            tags=tags_for(self.resource, organisation, self.tags(*args, **kwargs)),
            timeout=self.timeout,
            load=lambda: json.dumps(self.uncached(*args, **kwargs), separators=(",", ":")).encode(),
            organisation=organisation,
        )


def cached(
    resource: str, *, timeout: timedelta, tags: Callable[Arguments, list[str]]
) -> Callable[[Callable[Arguments, Result]], CachedAccessor[Arguments, Result]]:
    """Return a decorator that puts a reading function behind the cache; see the module."""

    def decorate(function: Callable[Arguments, Result]) -> CachedAccessor[Arguments, Result]:
        return CachedAccessor(function, resource, timeout, tags)

    return decorate


def look_up(wanted: Lookup) -> bytes:
    """Return a value from Redis, from memory while Redis is away, or from the database where neither may answer."""
    reason = reason_to_bypass()
    if reason:
        return _past_the_cache(wanted, reason)
    if not redis_breaker.allows():
        return memory.through(wanted)
    try:
        return _through_redis(wanted)
    except RedisError as error:
        redis_breaker.failed(error)
        return _past_the_cache(wanted, causes.SILENT)


def _past_the_cache(wanted: Lookup, reason: str) -> bytes:
    counters.bypassed(wanted.resource, wanted.organisation, reason)
    return wanted.load()


def reason_to_bypass() -> str:
    """Return why this call reads the database, empty when it need not.

    Inside a transaction its own changes are visible to nobody else, and a snapshot may be older than the stamps.
    """
    if not settings.CACHE_ENABLED:
        return causes.SWITCHED_OFF
    if connection.in_atomic_block or (not connection.autocommit and connection.connection is not None):
        return causes.IN_TRANSACTION
    if bypass.is_on():
        return causes.NOT_CONFIRMED
    return "" if schema.follows_the_rules() else causes.OTHER_TRIGGERS


def _through_redis(wanted: Lookup) -> bytes:
    look = flights.look_at([wanted.name], wanted.tags)
    memory.redis_answered()
    if not look.fenced:
        return _past_the_cache(wanted, causes.NOT_FOLLOWED)
    reading = look.reading(wanted.name, wanted.tags)
    if reading.value is None:
        return flights.load_once(wanted, look.missed(wanted.name, wanted.tags))
    counters.hit(wanted.resource, wanted.organisation)
    if reading.is_due:
        background.submit(lambda: flights.refresh(wanted))
    return reading.value
