"""The choice between the light and the dark look."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from attendance.views.shell import THEME_COOKIE, THEMES
from attendance.views.sign_in import safe_next

_A_YEAR = timedelta(days=365)


@require_POST
def theme_choose(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme in a cookie for a year and go back to where the reader was."""
    theme = request.POST.get("theme", "")
    if theme not in THEMES:
        return HttpResponseBadRequest(_("There are three themes: auto, light and dark."), content_type="text/plain")
    response = redirect(safe_next(request) or "home")
    response.set_cookie(
        THEME_COOKIE,
        theme,
        max_age=_A_YEAR,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return response
