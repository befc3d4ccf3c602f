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

from attendance.caching import answers, fills, journal, memory, outbox, principals, signing
from attendance.caching.entries import NotStorableError
from attendance.caching.fills import UndeclaredClockError
from attendance.caching.pages import language_of
from attendance.caching.visits import Visit

log = logging.getLogger("lumina_learn.cache")


def answered(visit: Visit) -> HttpResponseBase:
    """Return the page from memory, or let the view make it and keep it there.

    Raises:
        PassedError: nobody is signed in.
    """
    resource, name = visit.asked.page.resource, _name(visit)
    item = memory.memory.get(resource, name)
    if item is not None:
        journal.hit(resource)
        line, _newline, body = item.partition(b"\n")
        principal = principals.source.kind(**json.loads(line))
        return visit.from_kept(body, principal, answers.HIT)
    return _fill(visit, resource, name)


def _name(visit: Visit) -> str:
    """Return what a page is called for one session under one SECRET_KEY; the browser's language may count."""
    request = visit.request
    address = f"{request.scheme}://{request.get_host()}{request.path}?{visit.asked.query}"
    session = signing.signature("session", visit.session_key.encode()).hex()
    return f"{session}:{language_of(request)}:{address}"


def _fill(visit: Visit, resource: str, name: str) -> HttpResponseBase:
    position = outbox.position()
    principal = visit.principal()
    journal.miss(resource)
    try:
        value, loaded = fills.run(lambda: visit.make(principal))
    except NotStorableError:
        pass
    except UndeclaredClockError:
        log.exception("%s is not kept", resource)
    else:
        _keep(visit, name, principal, position, value, loaded)
    return visit.from_made(principal)


def _keep(visit: Visit, name: str, principal: Any, position: str, value: bytes, loaded: fills.Fill) -> None:
    page = visit.asked.lookup(visit.request, principal, lambda: value)
    grant = visit.asked.grant(principal)
    tags = [*principals.source.tags_of(principal), *page.tags, *(grant.tags if grant else ())]
    ends_at = min(
        memory.ends_at(page.timeout, loaded), time.time() + principals.LIFE.total_seconds(), principal.ends_at
    )
    line = json.dumps(asdict(principal)).encode()
    memory.memory.put(
        page.resource, name, memory.Item(line + b"\n" + value, tags, position, ends_at, loaded.valid_until)
    )
    journal.stored(page.resource, page.timeout)
