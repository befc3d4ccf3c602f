"""What each request needs before a view runs."""

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from attendance.caching import bypass, rounds
from attendance.queries.readers import zone_of
from attendance.sign_in.sessions import SessionStore

BYPASS_COOKIE = "bypass"
BYPASS_SECONDS = int(rounds.L.total_seconds()) + 1
"""Others are at most L behind a write that Redis did not hear of; its writer reads the database a little longer."""


class SignedInPersonMiddleware(AuthenticationMiddleware):
    """Django's own, for one query instead of two: who is signed in came with the row of the session."""

    def process_request(self, request: HttpRequest) -> None:
        """Let `request.user` be the person of the session, looked up when somebody asks."""
        super().process_request(request)
        person: Any = SimpleLazyObject(lambda: _person_of(request))
        request.user = person


def _person_of(request: HttpRequest) -> Any:
    """Return who is signed in; what is out of the ordinary, such as a password that was changed, Django decides."""
    if not hasattr(request, "_cached_user"):
        person = cast("SessionStore", request.session).person()
        if person is not None:
            setattr(request, "_cached_user", person)  # noqa: B010 -- requests declare no such attribute
    return get_user(request)


def reader_language(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Speak the language that the reader chose; who chose none is answered in the browser's, as visitors are."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and request.user.language in dict(settings.LANGUAGES):
            translation.activate(request.user.language)
        return get_response(request)

    return middleware


def reader_time_zone(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Show times in the zone of the reader's organisation; visitors see UTC."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return get_response(request)
        with timezone.override(zone_of(request.user)):
            return get_response(request)

    return middleware


def bypass_after_unconfirmed_write(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let a person whose write Redis did not confirm read the database until every process knows of it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        bypass.end()  # The thread has served others before.
        if BYPASS_COOKIE in request.COOKIES:
            bypass.bring()
        response = get_response(request)
        if bypass.has_begun_here():
            response.set_cookie(
                BYPASS_COOKIE,
                "1",
                max_age=BYPASS_SECONDS,
                httponly=True,
                secure=request.is_secure(),
                samesite="Lax",
            )
        return response

    return middleware
