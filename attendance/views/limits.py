"""What a page says when too many attempts failed."""

import math

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import ngettext

from attendance import clock
from attendance.queries.organisations import zone_of_visitors
from attendance.services.throttle import Attempt
from attendance.views.forms.base import LookForm

UNPROCESSABLE = 422
TOO_MANY = 429


def wait_sentence(request: HttpRequest, attempt: Attempt) -> str:
    """Return when the next attempt is looked at, by the reader's clock and in minutes from now."""
    zone = timezone.get_current_timezone() if request.user.is_authenticated else zone_of_visitors()
    minutes = max(1, math.ceil((attempt.opens_at - clock.now()).total_seconds() / 60))
    return ngettext(
        "Try again at %(time)s, in %(minutes)d minute.", "Try again at %(time)s, in %(minutes)d minutes.", minutes
    ) % {"time": f"{attempt.opens_at.astimezone(zone):%H:%M}", "minutes": minutes}


def render_form(request: HttpRequest, template: str, form: LookForm, **context: object) -> HttpResponse:
    """Render a page with a form; the status tells one that was sent with mistakes in it."""
    status = UNPROCESSABLE if form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)


def render_refused(
    request: HttpRequest, template: str, form: LookForm, attempt: Attempt, **context: object
) -> HttpResponse:
    """Render the page again with status 429, and say in a header as well how many seconds to wait."""
    response = render(request, template, {"form": form, **context}, status=TOO_MANY)
    response["Retry-After"] = str(max(1, math.ceil((attempt.opens_at - clock.now()).total_seconds())))
    return response
