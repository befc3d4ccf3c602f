"""Samples: single entries, whether they still hold, and which write ended them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from attendance.caching import causes, entries, index, keys, manual, memory, outbox, stamps
from attendance.caching.breaker import redis_breaker
from attendance.caching.causes import Missed
from attendance.caching.entries import Look
from attendance.caching.index import Place
from attendance.caching.memory import Item

State = Literal["valid", "killed", "expired"]
_WHY = {causes.EPOCH: "everything was ended", causes.LOST: "Redis lost it, or what it hangs on"}


@dataclass(frozen=True)
class KeySample:
    """One entry.

    Attributes:
        key: its name, which may say whose page it is: for operators only.
        resource: what it is one of.
        stored_at: when it was made; None when that is not known.
        ends_at: when its time is over.
        state: whether it holds now, a write has ended it, or its time is over.
        killed_by: which write ended it and how long ago, such as `room:7:update, 12 s ago`; empty otherwise.
    """

    key: str
    resource: str
    stored_at: datetime | None
    ends_at: datetime
    state: State
    killed_by: str


@dataclass(frozen=True)
class _Listed:
    """A line of the index: an entry, what it is one of, and when it ends, in milliseconds since 1970."""

    name: str
    resource: str
    ends_at: float


def samples(*, resource: str, organisation: str | None, most: int = 10) -> list[KeySample]:
    """Return some entries of a resource, those that end last; while Redis is away, those of this process."""

    def in_redis() -> list[KeySample]:
        listed = _listed(index.places(resource=resource, organisation=organisation), most)
        return _judged(sorted(listed, key=lambda each: -each.ends_at)[:most])

    def here() -> list[KeySample]:
        items = memory.memory.named(resource, organisation)[-most:]
        return [_in_memory(name, resource, item) for name, item in items]

    return redis_breaker.asked(in_redis, here)


def explain(key: str) -> KeySample | None:
    """Return what is known of the entry of that name, or of the value that a script keeps under that key."""
    names = [key.removeprefix(keys.entry("")), *_by_hand(key)]
    return redis_breaker.asked(lambda: next(iter(_judged(_found(names))), None), lambda: _explained_here(names))


def _explained_here(names: Sequence[str]) -> KeySample | None:
    for resource in list(memory.memory.items):
        for name, item in memory.memory.named(resource, None):
            if name in names:
                return _in_memory(name, resource, item)
    return None


def _by_hand(key: str) -> list[str]:
    try:
        return [manual.address_of(key).name]
    except ValueError:
        return []


# --- In Redis ---------------------------------------------------------------------------------------------------------


def _listed(places: Sequence[Place], most: int) -> list[_Listed]:
    commands = [("ZRANGE", place.key, 0, most - 1, "REV", "WITHSCORES") for place in places]
    answers = stamps.trip(*commands) if commands else []
    return [
        _Listed(name.decode(), place.resource, ends_at)
        for place, answer in zip(places, answers, strict=True)
        for name, ends_at in answer
    ]


def _found(names: Sequence[str]) -> list[_Listed]:
    """Return the lines of the index that stand under one of these names."""
    pairs = [(place, name) for name in names for place in index.places(resource=name.partition(":")[0])]
    answers = stamps.trip(*(index.asked(place, name) for place, name in pairs)) if pairs else []
    return [
        _Listed(name, place.resource, ends_at)
        for (place, name), ends_at in zip(pairs, answers, strict=True)
        if ends_at is not None
    ]


def _judged(listed: Sequence[_Listed]) -> list[KeySample]:
    """Return what became of entries; two round trips, however many they are."""
    contents = stamps.trip(("MGET", *(keys.entry(each.name) for each in listed)))[0] if listed else []
    opened = [entries.opened(each.name, content) for each, content in zip(listed, contents, strict=True)]
    tags = sorted({tag for found in opened if found for tag in found.tags.decode().split("\n")})
    look = entries.look([], tags)
    return [_sample(each, found, look) for each, found in zip(listed, opened, strict=True)]


def _sample(listed: _Listed, found: entries.Stored | None, look: Look) -> KeySample:
    if found is None:
        over = listed.ends_at <= time.time() * 1000
        killed_by = "" if over else _WHY[causes.LOST]
        ends_at = _moment(listed.ends_at)
        return KeySample(listed.name, listed.resource, None, ends_at, "expired" if over else "killed", killed_by)
    tags = found.tags.decode().split("\n")
    holds = found.vector == look.vector(tags)
    killed_by = "" if holds else _told(look.ended(found.taken_at, tags))
    made, ends_at = _moment(found.taken_at), _moment(found.valid_until or found.ends_at)
    return KeySample(listed.name, listed.resource, made, ends_at, "valid" if holds else "killed", killed_by)


# --- In memory --------------------------------------------------------------------------------------------------------


def _in_memory(name: str, resource: str, item: Item) -> KeySample:
    ends_at = _moment(item.ends_at * 1000)
    if time.time() >= item.ends_at:
        return KeySample(name, resource, None, ends_at, "expired", "")
    news = outbox.changes_since(item.position)
    if not news.concerns(item.tags):
        return KeySample(name, resource, None, ends_at, "valid", "")
    return KeySample(name, resource, None, ends_at, "killed", _told(memory.ended_by(news, item.tags)))


def _told(missed: Missed) -> str:
    """Return which write ended an entry, and how long ago as far as that is known."""
    what = _WHY.get(missed.cause, missed.by)
    return f"{what}, {max(0, time.time() - missed.at / 1000):.0f} s ago" if missed.at else what


def _moment(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
