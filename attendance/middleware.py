"""What each request needs before a view runs."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from attendance.caching import bypass, rounds
from attendance.queries.readers import zone_of

BYPASS_COOKIE = "bypass"
BYPASS_SECONDS = int(rounds.L.total_seconds()) + 1
"""Others are at most L behind a write that Redis did not hear of; its writer reads the database a little longer."""


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
