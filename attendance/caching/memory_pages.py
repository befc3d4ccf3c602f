"""Cached pages without Redis: kept per session in the memory of the process, and asked of the database at each hit.

An item holds the page together with who the session belongs to, under one position and with all their tags, so that a
hit is one statement for page, permission and person alike. Sharing between readers is left to Redis.
"""

import json
import logging
import time
from dataclasses import asdict
from typing import Any

from django.http.response import HttpResponseBase

from attendance.caching import answers, counters, fills, memory, outbox, principals, signing
from attendance.caching.causes import Missed
from attendance.caching.entries import NotStorableError
from attendance.caching.fills import UndeclaredClockError
from attendance.caching.lookups import Lookup
from attendance.caching.pages import language_of
from attendance.caching.visits import Visit

log = logging.getLogger("lumina_learn.cache")


def answered(visit: Visit) -> HttpResponseBase:
    """Return the page from memory, or let the view make it and keep it there.

    Raises:
        PassedError: nobody is signed in.
    """
    resource, name = visit.asked.page.resource, _name(visit)
    found = memory.memory.get(resource, name)
    if isinstance(found, Missed):
        return _fill(visit, name, found)
    line, _newline, body = found.partition(b"\n")
    principal = principals.source.kind(**json.loads(line))
    counters.hit(resource, principal.organisation)
    return visit.from_kept(body, principal, answers.HIT)


def _name(visit: Visit) -> str:
    """Return what a page is called for one session under one SECRET_KEY; the browser's language may count."""
    request = visit.request
    address = f"{request.scheme}://{request.get_host()}{request.path}?{visit.asked.query}"
    session = signing.signature("session", visit.session_key.encode()).hex()
    return f"{session}:{language_of(request)}:{address}"


def _fill(visit: Visit, name: str, missed: Missed) -> HttpResponseBase:
    started, position = time.perf_counter(), outbox.position()
    resource, principal = visit.asked.page.resource, visit.principal()
    counters.missed(resource, principal.organisation, missed)
    try:
        value, loaded = fills.run(lambda: visit.make(principal))
    except NotStorableError:
        pass
    except UndeclaredClockError:
        log.exception("%s is not kept", resource)
    else:
        page = visit.asked.lookup(visit.request, principal, lambda: value)
        memory.memory.put(resource, name, _item(visit, page, principal, position, loaded))
        taken = time.perf_counter() - started
        counters.stored(resource, page.organisation, page.timeout, len(value), taken)
    return visit.from_made(principal)


def _item(visit: Visit, page: Lookup, principal: Any, position: str, loaded: fills.Fill) -> memory.Item:
    """Return what is kept: the page behind a line with its reader, with the tags of both."""
    grant = visit.asked.grant(principal)
    tags = [*principals.source.tags_of(principal), *page.tags, *(grant.tags if grant else ())]
    ends_at = min(
        memory.ends_at(page.timeout, loaded), time.time() + principals.LIFE.total_seconds(), principal.ends_at
    )
    value = json.dumps(asdict(principal)).encode() + b"\n" + page.load()
    return memory.Item(value, tags, position, ends_at, loaded.valid_until, page.organisation)
