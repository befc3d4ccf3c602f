"""The choice of the language."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from attendance.services import accounts
from attendance.views.sign_in import safe_next

_A_YEAR = timedelta(days=365)


@require_POST
def language_choose(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language, in a cookie and with the account, and go back to where the reader was."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        codes = ", ".join(code for code, _name in settings.LANGUAGES)
        return HttpResponseBadRequest(f"Languages: {codes}.", content_type="text/plain")
    if request.user.is_authenticated:
        accounts.choose_language(person=request.user, language=language)
    response = redirect(safe_next(request) or "home")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=_A_YEAR,
        httponly=True,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )
    return response
