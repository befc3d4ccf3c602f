"""Clearing: ending entries because somebody asked for it, by new stamps and not by deleting.

It goes through the outbox like every write, so it reaches the memory of each process, and a Redis that is away now
makes up for it when it is back. Only what may be nowhere any more is deleted as well (`remove`).
"""

from collections.abc import Sequence

from django.urls import get_resolver

from attendance.caching import accessors, index, keys, manual, memory, pages, principals, stamps
from attendance.caching.breaker import redis_breaker
from attendance.caching.index import Place
from attendance.caching.lookups import kept_of
from attendance.caching.near import near
from attendance.caching.outbox import Change

_AT_ONCE = 1000
"""Keys that one command names."""


def clear(*, resource: str | None, organisation: str | None, actor: str) -> int:
    """End entries everywhere, and return how many were known of.

    Args:
        resource: the one whose entries end; None for all.
        organisation: the one whose entries end; None for all.
        actor: who asked for it, as the log is to name them.
    """
    places = _places(resource, organisation)
    known = _known(places, resource, organisation)
    if resource is None and organisation is None:
        manual.end_everything(f"everything (asked for by {actor})")
        return known
    those = resources() if resource is None else [resource]
    changes = [change for each in those for change in _changes(each, organisation)]
    of = "" if organisation is None else f" of {organisation}"
    manual.end_all(changes, f"{resource or 'everything'}{of} (asked for by {actor})")
    return known


def resources() -> list[str]:
    """Return the name of every resource there is: those of this code, and those that scripts have kept values of."""
    get_resolver().url_patterns  # noqa: B018 -- reading it loads the views, which declare their pages
    kept = {place.resource for place in _places(None, None)} | set(memory.memory.items)
    return sorted({*pages.registry, *accessors.resources, *kept})


def _places(resource: str | None, organisation: str | None) -> list[Place]:
    return redis_breaker.asked(lambda: index.places(resource=resource, organisation=organisation), list)


def _known(places: list[Place], resource: str | None, organisation: str | None) -> int:
    if places:
        return redis_breaker.asked(lambda: sum(index.counts(places)), lambda: 0)
    here = memory.memory.numbers(organisation)
    return sum(number for name, number in here.items() if resource in (None, name))


def _changes(resource: str, organisation: str | None) -> list[Change]:
    """Return what ends the entries of a resource: those that the engine made, and those that scripts keep."""
    cause = f"{resource}:{organisation or ''}:clear"
    by_hand = f"manual.resource={resource}" if organisation is None else f"manual.scope={resource}:{organisation}"
    return [Change(kept_of(resource, organisation), cause), Change(by_hand, cause)]


def remove(*, organisations: Sequence[str], session_keys: Sequence[str]) -> None:
    """Delete the bytes of what is kept for organisations, and of who these sessions belonged to.

    Ending entries leaves them where they are until their time is over; this is for what may be nowhere any more. It
    decides nothing about what is served: writes do that. An entry that was being made meanwhile comes too late to be
    served and goes with its time, and so do those of an earlier version of the code.
    """
    near.drop()
    memory.memory.drop()
    redis_breaker.attempt(lambda: _remove(organisations, session_keys))


def _remove(organisations: Sequence[str], session_keys: Sequence[str]) -> None:
    places = [place for place in index.places() if place.organisation in organisations]
    names = [name for place in places for name in index.every_name(place)]
    own = [name for key in session_keys for name in principals.names_of(key)]
    doomed = [*(keys.entry(name) for name in (*names, *own)), *(place.key for place in places)]
    for start in range(0, len(doomed), _AT_ONCE):
        stamps.trip(("UNLINK", *doomed[start : start + _AT_ONCE]))
