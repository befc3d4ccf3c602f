"""Looking for a page: for its reader, for the permission to see it and for itself, and at all their stamps at once."""

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from attendance.caching import bodies, causes, entries, flights, principals, stamps
from attendance.caching.causes import Missed
from attendance.caching.entries import Look
from attendance.caching.lookups import Lookup
from attendance.caching.near import Copy, near
from attendance.caching.pages import Asked
from attendance.caching.principals import Held
from attendance.caching.visits import PassedError, Visit

MOST_PLANS = 2_000
"""Looks that a process remembers, some 12 kB each; the one that was used longest ago goes first."""


@dataclass(frozen=True)
class Found:
    """What is known for a reader whose principal holds; `copy` is None where there is no valid one of the page.

    `is_admitted` is None while nothing valid says whether this reader may see the page; `missed` says why there is no
    copy.
    """

    held: Held
    page: Lookup
    grant: Lookup | None
    copy: Copy | None
    is_admitted: bool | None
    missed: Missed | None


@dataclass(frozen=True)
class Settled:
    """What Redis answered when everything was valid, what that was, and until when that may be said again.

    The same answer again says the same again, so nothing is worked out anew.
    """

    answer: Sequence[bytes | None]
    found: Found
    ends_at: int

    def holds(self, answer: Sequence[bytes | None], page: Copy | None) -> bool:
        """Say whether that answer, for that copy of the page, may be answered as before."""
        return answer == self.answer and page is self.found.copy and time.time() * 1000 < self.ends_at


@dataclass
class Plan:
    """What one reader's request for one page looks for; it is the same each time.

    Attributes:
        held: the reader.
        asked: what the address asks for.
        page: the page.
        grant: what says who may see it, if that is not everybody.
        tags: those of page, permission and reader together.
        question: asks Redis for their stamps, packed.
        settled: how the last look ended, if everything was at hand and valid.
    """

    held: Held
    asked: Asked
    page: Lookup
    grant: Lookup | None
    tags: list[str]
    question: list[bytes]
    settled: Settled | None = None

    @property
    def wanted(self) -> list[tuple[Lookup, Callable[[bytes], Any]]]:
        """What is looked for, and how what is fetched is read."""
        page: tuple[Lookup, Callable[[bytes], Any]] = (self.page, bodies.read)
        return [page, (self.grant, json.loads)] if self.grant else [page]


@dataclass
class Plans:
    """The plans of one process, by session and request."""

    kept: OrderedDict[tuple[str, ...], Plan] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: tuple[str, ...], held: Held) -> Plan | None:
        """Return the plan that was made for this very reader, None when there is none."""
        with self.lock:
            plan = self.kept.get(key)
            if plan is None or plan.held is not held:
                return None
            self.kept.move_to_end(key)
            return plan

    def put(self, key: tuple[str, ...], plan: Plan) -> None:
        """Remember a plan, and let the oldest ones go when there are too many."""
        with self.lock:
            self.kept[key] = plan
            if len(self.kept) > MOST_PLANS:
                self.kept.popitem(last=False)


_plans = Plans()


def look(visit: Visit) -> Found:
    """Return what there is for a reader, made known to the cache first where that is needed.

    Raises:
        PassedError: nobody is signed in, or nobody follows the database up.
        RedisError: Redis does not answer.
    """
    held = principals.find(visit.session_key)
    for _time in range(2):
        held = held or principals.introduce(visit.session_key)
        if held is None:
            break
        plan = _plan(visit, held)
        found = _look_as(plan, held)
        if found is not None:
            return found
        held = None
    raise PassedError(causes.NOBODY)


def _plan(visit: Visit, held: Held) -> Plan:
    """Return the plan for a request, from before if this reader asked for the same before."""
    key = visit.key
    known = _plans.get(key, held)
    if known is not None:
        return known
    page = visit.asked.lookup(visit.request, held.principal, _nothing)
    grant = visit.asked.grant(held.principal)
    tags = sorted({*held.tags, *page.tags, *(grant.tags if grant else ())})
    plan = Plan(held, visit.asked, page, grant, tags, stamps.packed(entries.question([], tags)))
    _plans.put(key, plan)
    return plan


def _nothing() -> bytes:
    raise RuntimeError("A page is made by its visit.")


def _look_as(plan: Plan, held: Held) -> Found | None:
    """Return what there is for a reader, None when that reader has become somebody else; two round trips at most.

    The first one asks whether what is at hand still holds and fetches what is not; what is outdated takes another.
    """
    at_hand = [near.get(each.name) for each, _read in plan.wanted]
    missing = [each.name for (each, _read), copy in zip(plan.wanted, at_hand, strict=True) if copy is None]
    if missing:
        first = _follow_up(missing, plan.tags)
    else:
        answer = stamps.ask(plan.question, 1)[0]
        settled = plan.settled  # Once: another thread may settle it anew, by an older answer than this one's.
        if settled is not None and settled.holds(answer, at_hand[0]):
            return settled.found
        first = entries.looked([], plan.tags, answer)
        first = first if first.fenced else _follow_up([], plan.tags)
    return _found(plan, held, at_hand, first)


def _found(plan: Plan, held: Held, at_hand: list[Copy | None], first: Look) -> Found | None:
    if not first.holds(held.vector, held.tags):
        return None
    pairs = list(zip(plan.wanted, at_hand, strict=True))
    valid = [copy if copy and first.holds(copy.vector, each.tags) else None for (each, _read), copy in pairs]
    outdated = [each.name for ((each, _read), copy), held_up in zip(pairs, valid, strict=True) if copy and not held_up]
    again = _follow_up(outdated, plan.tags) if outdated else first
    copies = [
        kept or _fetched(each, again if copy else first, read)
        for ((each, read), copy), kept in zip(pairs, valid, strict=True)
    ]
    look = again if plan.page.name in again.stored else first
    missed = None if copies[0] else look.missed(plan.page.name, plan.page.tags)
    found = Found(held, plan.page, plan.grant, copies[0], _is_admitted(plan, held, copies), missed)
    if None not in valid:
        plan.settled = Settled(first.answer, found, min(copy.ends_at for copy in valid if copy))
    return found


def _is_admitted(plan: Plan, held: Held, copies: list[Copy | None]) -> bool | None:
    if plan.grant is None:
        return True
    return plan.asked.admits(held.principal, copies[1].value) if copies[1] is not None else None


def _fetched(wanted: Lookup, look: Look, read: Callable[[bytes], Any]) -> Copy | None:
    """Return what was fetched if it is valid, and keep it at hand."""
    found = look.reading(wanted.name, wanted.tags).found
    if found is None:
        return None
    ends_at = min(found.ends_at, found.valid_until or found.ends_at)
    copy = Copy(read(found.value), found.vector, len(found.value), found.refresh_at, ends_at)
    near.put(wanted.name, copy)
    return copy


def _follow_up(names: list[str], tags: list[str]) -> Look:
    found = flights.look_at(names, tags)
    if not found.fenced:
        raise PassedError(causes.NOT_FOLLOWED)
    return found
