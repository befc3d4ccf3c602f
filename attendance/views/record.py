"""The record of an institution: its lectures and its events, listed for those who read them."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from attendance import clock
from attendance.access import SignedInRequest, only, readable_organisations, signed_in
from attendance.models import AttendanceEvent, Offering, User
from attendance.queries.courses import offering_named
from attendance.queries.events import SORTS, events_found
from attendance.queries.lectures import LECTURE_LISTS, lectures_listed
from attendance.queries.sorting import sort_named
from attendance.views.paging import PagesOfKeys

PAGE_SIZE = 50


@require_safe
@signed_in
def lecture_list(request: SignedInRequest) -> HttpResponse:
    """List the reader's lectures.

    `status` chooses among those to come, open, past, not taken and cancelled, `course_id` filters, `q` searches.
    """
    status, search = request.GET.get("status", ""), request.GET.get("q", "").strip()[:100]
    status = status if status in LECTURE_LISTS else "coming"
    course = _course(request)
    found = lectures_listed(request.user, status, search, course)
    context = {
        "current_place": "lecture_list",
        "page": PagesOfKeys(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "course": course,
        "status": status,
        "search": search,
        "now": clock.now(),
    }
    return render(request, "lectures/list.html", context)


@require_safe
@only(User.Role.ADMIN, User.Role.AUDITOR)
def event_list(request: SignedInRequest) -> HttpResponse:
    """List every act of the record.

    `q` searches, `kind`, `day` and `course_id` filter, `sort=when` shows the oldest first, `page` turns pages.
    """
    kind = request.GET.get("kind", "")
    asked: dict[str, Any] = {
        "search": request.GET.get("q", "").strip()[:100],
        "kind": kind if kind in AttendanceEvent.Kind.values else "",
        "day": _day(request.GET.get("day", "")),
        "course": _course(request),
        "sort": sort_named(SORTS, request.GET.get("sort", ""), "-when"),
    }
    found = events_found(readable_organisations(request.user), zone_of=request.user.organisation, **asked)
    context = {
        "current_place": "event_list",
        "page": PagesOfKeys(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "kinds": AttendanceEvent.Kind.choices,
        **asked,
    }
    return render(request, "record/events.html", context)


def _course(request: SignedInRequest) -> Offering | None:
    return offering_named(request.user, request.GET.get("course_id", ""))


def _day(text: str) -> date | None:
    """Return the day that an address names, None when it names none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
