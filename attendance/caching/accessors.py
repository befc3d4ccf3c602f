"""Cached accessors: named reads whose result is kept until a row it depends on changes.

    @cached("course_list", timeout=timedelta(seconds=600), tags=lambda *, organisation: [tags.courses_of(organisation)])
    def courses(*, organisation: str) -> list[dict[str, object]]:
        ...

An accessor takes keyword arguments that JSON can spell and returns plain data. Its tags are a function of these
arguments and never of what was loaded.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

from django.conf import settings
from django.db import connection
from redis.exceptions import RedisError

from attendance.caching import background, bypass, causes, counters, flights, memory, schema
from attendance.caching.breaker import redis_breaker
from attendance.caching.entries import Look
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
        self.together: Callable[[Sequence[Mapping[str, Any]]], list[Result]] = self.load_each
        """Reads several calls past the cache; an accessor that can do so in fewer queries puts its own here."""
        resources.add(resource)
        update_wrapper(self, function)

    def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        """Return the result, from the cache when it holds."""
        wanted = self.lookup(*args, **kwargs)
        result: Result = _parsed(wanted, look_up(wanted))
        return result

    def several(self, calls: Sequence[Mapping[str, Any]]) -> list[Result]:
        """Return the results of several calls in their order; what is kept of them takes one round trip together.

        Each call is its arguments by name; one that is there twice is read once. Past the cache, `together` loads them.
        """
        lookup: Callable[..., Lookup] = self.lookup
        wanted = [lookup(**arguments) for arguments in calls]
        distinct = {each.name: (each, arguments) for each, arguments in zip(wanted, calls, strict=True)}
        if not distinct:
            return []
        found = look_up_each(
            [each for each, _arguments in distinct.values()],
            lambda: [_spelled(each) for each in self.together([arguments for _each, arguments in distinct.values()])],
        )
        results: dict[str, Result] = {
            each.name: _parsed(each, value) for (each, _arguments), value in zip(distinct.values(), found, strict=True)
        }
        return [results[each.name] for each in wanted]

    def load_each(self, calls: Sequence[Mapping[str, Any]]) -> list[Result]:
        """Return the results of several calls from the database, one after the other."""
        load: Callable[..., Result] = self.uncached
        return [load(**arguments) for arguments in calls]

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
            load=lambda: _spelled(self.uncached(*args, **kwargs)),
            organisation=organisation,
        )


def cached(
    resource: str, *, timeout: timedelta, tags: Callable[Arguments, list[str]]
) -> Callable[[Callable[Arguments, Result]], CachedAccessor[Arguments, Result]]:
    """Return a decorator that puts a reading function behind the cache; see the module."""

    def decorate(function: Callable[Arguments, Result]) -> CachedAccessor[Arguments, Result]:
        return CachedAccessor(function, resource, timeout, tags)

    return decorate


def _parsed(wanted: Lookup, found: bytes) -> Any:
    try:
        return json.loads(found)
    except ValueError:  # Somebody else wrote that value; the rows are right.
        return json.loads(wanted.load())


def _spelled(result: Any) -> bytes:
    return json.dumps(result, separators=(",", ":")).encode()


def look_up(wanted: Lookup) -> bytes:
    """Return a value from Redis, from memory while Redis is away, or from the database where neither may answer."""
    return look_up_each([wanted], lambda: [wanted.load()])[0]


def look_up_each(wanted: Sequence[Lookup], load_all: Callable[[], list[bytes]]) -> list[bytes]:
    """Return several values likewise, none of them twice, in their order.

    All that are in Redis take one round trip together. `load_all` reads all of them where the cache may not answer.
    """
    reason = reason_to_bypass()
    if reason:
        return _past_the_cache(wanted, reason, load_all)
    if not redis_breaker.allows():
        return [memory.through(each) for each in wanted]
    try:
        look = flights.look_at([each.name for each in wanted], list({tag: 0 for each in wanted for tag in each.tags}))
    except RedisError as error:
        redis_breaker.failed(error)
        return _past_the_cache(wanted, causes.SILENT, load_all)
    memory.redis_answered()
    if not look.fenced:
        return _past_the_cache(wanted, causes.NOT_FOLLOWED, load_all)
    return [_through_redis(each, look) for each in wanted]


def _past_the_cache(wanted: Sequence[Lookup], reason: str, load_all: Callable[[], list[bytes]]) -> list[bytes]:
    for each in wanted:
        counters.bypassed(each.resource, each.organisation, reason)
    return load_all()


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


def _through_redis(wanted: Lookup, look: Look) -> bytes:
    """Return the value that a look found, or load it; what the look found counts however long others took to load."""
    reading = look.reading(wanted.name, wanted.tags)
    if reading.value is None:
        return _loaded(wanted, look)
    counters.hit(wanted.resource, wanted.organisation)
    if reading.is_due:
        background.submit(lambda: flights.refresh(wanted))
    return reading.value


def _loaded(wanted: Lookup, look: Look) -> bytes:
    if not redis_breaker.open:  # Else it failed while another one was loaded, and is not tried again for each.
        try:
            return flights.load_once(wanted, look.missed(wanted.name, wanted.tags))
        except RedisError as error:
            redis_breaker.failed(error)
    return _past_the_cache([wanted], causes.SILENT, lambda: [wanted.load()])[0]
