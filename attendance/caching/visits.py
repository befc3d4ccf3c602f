"""Visits: one request for a cached page, and how the view answers it when the cache cannot."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from attendance.caching import answers, bodies, causes, flights, holes, principals
from attendance.caching.bodies import Body
from attendance.caching.breaker import redis_breaker
from attendance.caching.entries import NotStorableError
from attendance.caching.pages import Asked, language_of
from attendance.caching.principals import Held

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class PassedError(Exception):
    """The view has to answer; the text says why."""


@contextmanager
def _uncompressed(request: HttpRequest) -> Iterator[None]:
    """Let nobody compress the answer for a while: what is kept is compressed here, part by part."""
    accepted = request.META.pop("HTTP_ACCEPT_ENCODING", "")
    try:
        yield
    finally:
        request.META["HTTP_ACCEPT_ENCODING"] = accepted


class Visit:
    """One request for a cached page, and how the view answers it."""

    def __init__(self, request: HttpRequest, asked: Asked, get_response: GetResponse) -> None:
        self.request, self.asked, self.get_response = request, asked, get_response
        self.answered: HttpResponseBase | None = None
        """What the view answered, when that is for this reader alone."""
        self.body: Body | None = None
        """What the view answered, when others may have it as well."""

    @property
    def session_key(self) -> str:
        """The key of the session, empty when the browser has none."""
        return self.request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")

    @property
    def key(self) -> tuple[str, ...]:
        """What tells the looks of all readers apart."""
        request = self.request
        language = language_of(request)
        return (self.session_key, request.scheme or "", request.get_host(), request.path, self.asked.query, language)

    @property
    def was_asked(self) -> bool:
        """Whether the view answered here, rather than somebody else's."""
        return self.body is not None or self.answered is not None

    def make_for(self, held: Held) -> bytes:
        """Let the view answer a reader who was recognised before the stamps of the page were taken.

        What is made of who the reader was then may only be kept if that is so still; the stamps since are the page's.

        Raises:
            NotStorableError: the reader has changed meanwhile, or the answer is for this reader alone.
        """
        if redis_breaker.open or not flights.look_at([], held.tags).holds(held.vector, held.tags):
            raise NotStorableError("the reader has changed")
        return self.make(held.principal)

    def make(self, principal: Any) -> bytes:
        """Let the view answer with markers in the holes, and return what may be kept of it.

        Raises:
            NotStorableError: the answer is for this reader alone; it is in `answered`.
        """
        person = principals.source.person(principal)
        if person is not None:
            # Where Django's own middleware keeps whom it found, so that it need not look again.
            setattr(self.request, "_cached_user", person)  # noqa: B010 -- requests declare no such attribute
        with holes.marked() as nonce, _uncompressed(self.request):
            response = self.get_response(self.request)
        if not isinstance(response, HttpResponse):
            self.answered = response
            raise NotStorableError("a stream")
        parts, names = holes.cut(response.content, nonce)
        is_this_readers = principals.source.answered(self.request, principal)
        if response.status_code != 200 or response.cookies or not is_this_readers:
            values = holes.values_for(names, self.request, principal)
            response.content = holes.filled(parts, names, values)
            self.answered = response
            raise NotStorableError(f"{response.status_code}")
        self.body = answers.kept(response, parts, names)
        return bodies.written(self.body)

    def principal(self) -> Any:
        """Return who the session belongs to, by the database.

        Raises:
            PassedError: nobody is signed in with it.
        """
        found = principals.source.load(self.session_key)
        if found is None:
            raise PassedError(causes.NOBODY)
        return found

    def from_kept(self, value: bytes, principal: Any, status: str) -> HttpResponse:
        """Return a kept page as the answer to this reader."""
        return answers.answer(self.request, bodies.read(value), principal, status)

    def from_made(self, principal: Any) -> HttpResponseBase:
        """Return what `make` made as the answer to this reader, whether it was kept or not."""
        if self.body is not None:
            return answers.answer(self.request, self.body, principal, answers.STORED)
        if self.answered is None:
            raise RuntimeError("The view was not asked.")
        return answers.passed(self.answered, answers.UNKEPT, sees_why=principal.sees_why)

    def again(self) -> "Visit":
        """Return the same visit with a request of its own, for another thread."""
        return Visit(WSGIRequest(dict(self.request.META)), self.asked, self.get_response)
