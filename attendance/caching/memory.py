"""Entries in the memory of one process, while there is no Redis: each hit asks the database whether it still holds.

The invariant kept here: an entry has the position taken before its load, and counts only while nothing its tags name
became visible since. It is never copied into Redis, and all are dropped when Redis answers again.
"""

import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.conf import settings

from attendance.caching import causes, counters, fills, outbox
from attendance.caching.breaker import redis_breaker
from attendance.caching.causes import Missed
from attendance.caching.lookups import Lookup
from attendance.caching.outbox import News

OLDEST = 20
MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Item:
    """A value with its tags, the position before its load, and the moment at which it ends, in seconds since 1970."""

    value: bytes
    tags: Sequence[str]
    position: str
    ends_at: float
    valid_until: datetime | None = None
    organisation: str = ""

    def counts_for(self, organisation: str | None) -> bool:
        """Say whether its time is not over and it is one of that organisation, or of any when None is asked for."""
        return time.time() < self.ends_at and organisation in (None, self.organisation)


@dataclass
class Memory:
    """The entries of one process, by resource and name; a full resource loses its oldest ones."""

    items: defaultdict[str, OrderedDict[str, Item]] = field(default_factory=lambda: defaultdict(OrderedDict))
    size: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, resource: str, name: str) -> bytes | Missed:
        """Return a value that the database says still holds, or why there is none; one statement if there is an entry.

        What the database said up to now need not be read again: the entry goes on from there.
        """
        with self.lock:
            item = self.items[resource].get(name)
        if item is None or time.time() >= item.ends_at:
            return Missed(causes.EXPIRED if item else causes.COLD)
        news = outbox.changes_since(item.position)
        if news.concerns(item.tags):
            return ended_by(news, item.tags)
        with self.lock:
            if self.items[resource].get(name) is item:
                self.items[resource][name] = replace(item, position=news.position)
        fills.depends_on(item.valid_until)
        return item.value

    def put(self, resource: str, name: str, item: Item) -> None:
        """Store an entry unless it alone is too large.

        Of a full resource the 20 oldest go; when all resources together grow too large, everything goes.
        """
        if len(item.value) > MOST_BYTES:
            return
        with self.lock:
            if self.size + len(item.value) > MOST_BYTES:
                self._drop()
            stored = self.items[resource]
            self._forget(stored, name)
            if len(stored) >= settings.CACHE_MEMORY_ITEMS:
                for oldest in list(stored)[:OLDEST]:
                    self._forget(stored, oldest)
            stored[name] = item
            self.size += len(item.value)

    def numbers(self, organisation: str | None) -> dict[str, int]:
        """Return how many entries each resource has whose time is not over, of one organisation or of all."""
        with self.lock:
            return {
                resource: sum(item.counts_for(organisation) for item in stored.values())
                for resource, stored in self.items.items()
            }

    def named(self, resource: str, organisation: str | None) -> list[tuple[str, Item]]:
        """Return the entries of a resource with their names, of one organisation or of all, the oldest first."""
        with self.lock:
            stored = self.items.get(resource, OrderedDict[str, Item]())
            return [(name, item) for name, item in stored.items() if organisation in (None, item.organisation)]

    def drop(self) -> None:
        """Forget everything: Redis is back."""
        with self.lock:
            self._drop()

    def _drop(self) -> None:
        self.items.clear()
        self.size = 0

    def _forget(self, stored: OrderedDict[str, Item], name: str) -> None:
        item = stored.pop(name, None)
        self.size -= len(item.value) if item else 0


memory = Memory()


def ended_by(news: News, tags: Sequence[str]) -> Missed:
    """Return what ended an entry with these tags that news concern."""
    if news.lost:
        return Missed(causes.EPOCH)
    return Missed(causes.INVALIDATED, next(change.cause for change in news.changes if change.tag in tags))


def redis_answered() -> None:
    """Close the breaker; what memory held while it was open may have been overwritten in Redis since."""
    if redis_breaker.open:
        memory.drop()
        redis_breaker.succeeded()


def through(wanted: Lookup) -> bytes:
    """Return the value from memory, or load and store it there."""
    found = memory.get(wanted.resource, wanted.name)
    if not isinstance(found, Missed):
        counters.hit(wanted.resource, wanted.organisation)
        return found
    counters.missed(wanted.resource, wanted.organisation, found)
    started, before = time.perf_counter(), outbox.position()
    value, loaded = fills.run(wanted.load)
    ends = ends_at(wanted.timeout, loaded)
    item = Item(value, wanted.tags, before, ends, loaded.valid_until, wanted.organisation)
    memory.put(wanted.resource, wanted.name, item)
    taken = time.perf_counter() - started
    counters.stored(wanted.resource, wanted.organisation, wanted.timeout, len(value), taken)
    return value


def ends_at(timeout: timedelta, loaded: fills.Fill) -> float:
    """Return when a value that was loaded just now ends, in seconds since 1970."""
    by_age = time.time() + timeout.total_seconds()
    return min(by_age, loaded.valid_until.timestamp()) if loaded.valid_until else by_age
