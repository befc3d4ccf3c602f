"""The record of an institution: its lectures and its events, listed for those who read them."""

from datetime import date

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from attendance import clock
from attendance.access import SignedInRequest, only, readable_organisations, signed_in
from attendance.models import AttendanceEvent, User
from attendance.queries.events import events_found
from attendance.queries.lectures import LECTURE_LISTS, lectures_listed

PAGE_SIZE = 50


@require_safe
@signed_in
def lecture_list(request: SignedInRequest) -> HttpResponse:
    """List the reader's lectures; `status` chooses among those to come, open, past and not taken, `q` searches."""
    status, search = request.GET.get("status", ""), request.GET.get("q", "").strip()[:100]
    status = status if status in LECTURE_LISTS else "coming"
    context = {
        "current_place": "lecture_list",
        "page": Paginator(lectures_listed(request.user, status, search), PAGE_SIZE).get_page(request.GET.get("page")),
        "status": status,
        "search": search,
        "now": clock.now(),
    }
    return render(request, "lectures/list.html", context)


@require_safe
@only(User.Role.ADMIN, User.Role.AUDITOR)
def event_list(request: SignedInRequest) -> HttpResponse:
    """List every act of the record; `q` searches, `kind` and `day` filter, `page` turns pages."""
    kind, search = request.GET.get("kind", ""), request.GET.get("q", "").strip()[:100]
    kind, day = kind if kind in AttendanceEvent.Kind.values else "", _day(request.GET.get("day", ""))
    found = events_found(
        readable_organisations(request.user), search=search, kind=kind, day=day, zone_of=request.user.organisation
    )
    context = {
        "current_place": "event_list",
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "kind": kind,
        "kinds": AttendanceEvent.Kind.choices,
        "day": day,
        "search": search,
    }
    return render(request, "record/events.html", context)


def _day(text: str) -> date | None:
    """Return the day that an address names, None when it names none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
