"""Serving cached pages before session and sign-in are looked at.

A hit takes two round trips at most and no query: who the session belongs to, then at once the page, whether this person
may see it, and every stamp that page, permission and person hang on. What this process has at hand already is held
against these stamps and not fetched. Whatever is missing or out of date is asked of the database by the view itself, as
if there were no cache.
"""

import logging
from contextlib import suppress
from dataclasses import replace

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from redis.exceptions import RedisError

from attendance.caching import (
    answers,
    background,
    causes,
    counters,
    flights,
    holes,
    looks,
    memory,
    memory_pages,
    principals,
)
from attendance.caching.accessors import look_up, reason_to_bypass
from attendance.caching.breaker import redis_breaker
from attendance.caching.causes import Missed
from attendance.caching.entries import NotStorableError
from attendance.caching.fills import UndeclaredClockError
from attendance.caching.looks import Found
from attendance.caching.near import near
from attendance.caching.pages import asked_for
from attendance.caching.visits import GetResponse, PassedError, Visit

log = logging.getLogger("lumina_learn.cache")

_MESSAGES = "messages"
"""The cookie in which a message waits for the next page; who has one is answered by the view."""


class PageCacheMiddleware:
    """Answers requests for cached pages; stands before the middleware of sessions."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the kept page where it holds for this reader, else the view's answer."""
        asked = asked_for(request)
        if asked is None:
            return self.get_response(request)
        asked.tidy(request)
        visit = Visit(request, asked, self.get_response)
        try:
            _pass_if_unsuitable(visit)
            return _from_redis(visit) if redis_breaker.allows() else memory_pages.answered(visit)
        except PassedError as passed:
            reason = str(passed)
        counters.bypassed(asked.page.resource, "", reason)
        return _by_view(visit, answers.bypass(reason))


def _by_view(visit: Visit, status: str) -> HttpResponseBase:
    """Let the view recognise the reader and answer, as if there were no cache."""
    response = visit.get_response(visit.request)
    return answers.passed(response, status, sees_why=principals.source.sees_why(visit.request))


def _pass_if_unsuitable(visit: Visit) -> None:
    """Raise PassedError where the answer could not be one of the cache, or where the database has to be read."""
    request = visit.request
    reason = reason_to_bypass()
    if reason:
        raise PassedError(reason)
    if not visit.session_key:
        raise PassedError(causes.NOBODY)
    if visit.request.method != "GET":
        raise PassedError(causes.HEAD)
    if _MESSAGES in request.COOKIES:
        raise PassedError(causes.MESSAGE)
    if visit.asked.page.kind == "page" and not holes.has_token(request):
        raise PassedError(causes.FORMLESS)


def _from_redis(visit: Visit) -> HttpResponseBase:
    try:
        found = _admitted(visit)
    except RedisError as error:
        redis_breaker.failed(error)
        raise PassedError(causes.SILENT) from error
    memory.redis_answered()
    if found.copy is None:
        return _fill(visit, found, found.missed or Missed(causes.COLD))
    counters.hit(found.page.resource, found.page.organisation)
    if found.grant is not None:
        counters.hit(found.grant.resource, found.grant.organisation)
    if found.copy.is_due:
        _refresh(visit, found)
    return answers.answer(visit.request, found.copy.value, found.held.principal, answers.HIT)


def _admitted(visit: Visit) -> Found:
    """Return what there is for a reader who may see the page.

    Where nothing says yet who may, that is read first, and then all is looked at once more, so that permission and page
    are of one moment.

    Raises:
        PassedError: nothing is kept that admits this reader, so the view decides.
        RedisError: Redis does not answer.
    """
    found = looks.look(visit)
    if found.grant is not None and found.is_admitted is None:
        with suppress(NotStorableError):
            look_up(found.grant)
            found = looks.look(visit)
    if not found.is_admitted:
        raise PassedError(causes.NOT_ADMITTED)
    return found


def _fill(visit: Visit, found: Found, missed: Missed) -> HttpResponseBase:
    """Make the page, keep it if others may have it, and answer; of many at once, one makes it."""
    page, held = found.page, found.held
    try:
        value = flights.load_once(replace(page, load=lambda: visit.make_for(held)), missed)
    except NotStorableError:
        if not visit.was_asked:  # Who was recognised may have changed since. The read is counted as a miss already.
            return _by_view(visit, answers.UNKEPT)
    except UndeclaredClockError:
        log.exception("%s is not kept", page.resource)
    except RedisError as error:
        redis_breaker.failed(error)
        raise PassedError(causes.SILENT) from error
    if visit.was_asked:
        return visit.from_made(held.principal)
    return visit.from_kept(value, held.principal, answers.WAITED)


def _refresh(visit: Visit, found: Found) -> None:
    """Make a page anew in the background whose time is almost over; the next hit fetches what came of it."""
    near.forget(found.page.name)
    again, page, held = visit.again(), found.page, found.held
    background.submit(lambda: flights.refresh(replace(page, load=lambda: again.make_for(held))))
