"""Serving cached pages before session and sign-in are looked at.

A hit takes two round trips and no query: first who the session belongs to, then at once the page, whether this person
may see it, and every stamp that page, permission and person hang on. Whatever is missing or out of date is asked of the
database by the view itself, as if there were no cache.
"""

import logging
from dataclasses import dataclass

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from redis.exceptions import RedisError

from attendance.caching import answers, background, flights, holes, journal, memory, memory_pages, principals
from attendance.caching.accessors import Lookup, look_up, reason_to_bypass
from attendance.caching.breaker import redis_breaker
from attendance.caching.entries import Look, NotStorableError
from attendance.caching.fills import UndeclaredClockError
from attendance.caching.pages import asked_for
from attendance.caching.principals import Held
from attendance.caching.visits import NOBODY, GetResponse, PassedError, Visit

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
            response = self.get_response(request)
            return answers.passed(response, str(passed), sees_why=principals.source.sees_why(request))


def _pass_if_unsuitable(visit: Visit) -> None:
    """Raise PassedError where the answer could not be one of the cache, or where the database has to be read."""
    request = visit.request
    reason = reason_to_bypass()
    if reason:
        raise PassedError(reason)
    if not visit.session_key:
        raise PassedError(NOBODY)
    if visit.request.method != "GET":
        raise PassedError("a HEAD request")
    if _MESSAGES in request.COOKIES:
        raise PassedError("a message waits")
    if visit.asked.page.kind == "page" and not holes.has_token(request):
        raise PassedError("the browser has no form token yet")


@dataclass(frozen=True)
class Found:
    """What one look found for a reader whose principal holds."""

    held: Held
    page: Lookup
    grant: Lookup | None
    look: Look


def _from_redis(visit: Visit) -> HttpResponseBase:
    try:
        found = _look(visit)
    except RedisError as error:
        redis_breaker.failed(error)
        raise PassedError("Redis does not answer") from error
    memory.redis_answered()
    if found.grant and found.look.reading(found.grant.name, found.grant.tags).value != b"true":
        return _ask_for_grant(visit, found, found.grant)
    reading = found.look.reading(found.page.name, found.page.tags)
    if reading.value is None:
        return _fill(visit, found)
    journal.hit(found.page.resource)
    if reading.is_due:
        _refresh(visit, found)
    return visit.from_kept(reading.value, found.held.principal, answers.HIT)


def _look(visit: Visit) -> Found:
    """Return what there is for this reader, made known to the cache first where that is needed.

    Raises:
        PassedError: nobody is signed in, or nobody follows the database up.
        RedisError: Redis does not answer.
    """
    held = principals.find(visit.session_key)
    for _time in range(2):
        held = held or principals.introduce(visit.session_key)
        if held is None:
            break
        found = _look_as(visit, held)
        if not found.look.fenced:
            raise PassedError("the cache is not followed up")
        if found.look.holds(held.vector, held.tags):
            return found
        held = None
    raise PassedError(NOBODY)


def _look_as(visit: Visit, held: Held) -> Found:
    page = visit.asked.lookup(visit.request, held.principal, lambda: visit.make(held.principal))
    grant = visit.asked.grant(held.principal)
    wanted = [page, grant] if grant else [page]
    tags = sorted({*held.tags, *(tag for each in wanted for tag in each.tags)})
    return Found(held, page, grant, flights.look_at([each.name for each in wanted], tags))


def _ask_for_grant(visit: Visit, found: Found, grant: Lookup) -> HttpResponseBase:
    """Let the view decide, and keep that this reader may see the page when it says so."""
    response = visit.get_response(visit.request)
    if response.status_code == 200:
        try:
            look_up(grant)
        except NotStorableError:
            log.error("%s shows its page to somebody whom its grant refuses", found.page.resource)
    return answers.passed(response, "not known yet who may see it", sees_why=found.held.principal.sees_why)


def _fill(visit: Visit, found: Found) -> HttpResponseBase:
    """Make the page, keep it if others may have it, and answer; of many at once, one makes it."""
    page, principal = found.page, found.held.principal
    journal.miss(page.resource)
    try:
        value = flights.load_once(page.name, page.tags, page.timeout, page.load)
    except NotStorableError:
        pass
    except UndeclaredClockError:
        log.exception("%s is not kept", page.resource)
    except RedisError as error:
        redis_breaker.failed(error)
        raise PassedError("Redis does not answer") from error
    if visit.was_asked:
        return visit.from_made(principal)
    return visit.from_kept(value, principal, answers.WAITED)


def _refresh(visit: Visit, found: Found) -> None:
    """Make a page anew in the background whose time is almost over."""
    again, page, principal = visit.again(), found.page, found.held.principal
    background.submit(lambda: flights.refresh(page.name, page.tags, page.timeout, lambda: again.make(principal)))
