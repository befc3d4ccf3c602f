"""Today: the first page of everybody who is signed in."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe

from attendance import clock
from attendance.access import SignedInRequest, only, signed_in
from attendance.caching.pages import cached_page
from attendance.models import User
from attendance.queries.blocks import terms_with_receipts
from attendance.queries.figures import organisation_figures
from attendance.queries.lectures import (
    holds_until_next_change,
    lectures_for,
    lectures_not_taken,
    lectures_of_today,
    next_lecture,
)
from attendance.queries.records import record_of
from attendance.queries.slices import rows_between
from attendance.queries.standings import standings_of_student
from attendance.views import page_tags

NOT_TAKEN_SHOWN = 10
TODAY_SHOWN = 20
"""Of a whole institution's lectures, those that run or come next; the list of lectures has all."""


@cached_page("dashboard", scope="user", timeout=timedelta(seconds=300), tags=page_tags.dashboard)
@require_safe
@signed_in
def dashboard(request: SignedInRequest) -> HttpResponse:
    """Show what matters today, by role."""
    today = lectures_of_today(request.user)
    holds_until_next_change(lectures_for(request.user))
    context = {
        "current_place": "dashboard",
        "now": clock.now(),
        "today": today.filter(ends_at__gt=clock.now())[:TODAY_SHOWN] if _oversees(request.user) else today,
        "oversees": _oversees(request.user),
    }
    if request.user.role == User.Role.STUDENT:
        return render(request, "dashboard/student.html", context | _student_part(request.user))
    return render(request, "dashboard/staff.html", context | _staff_part(request.user))


def _oversees(user: User) -> bool:
    return user.role in (User.Role.ADMIN, User.Role.AUDITOR)


def _student_part(student: User) -> dict[str, Any]:
    return {"next": next_lecture(student), "standings": standings_of_student(student)}


def _staff_part(user: User) -> dict[str, Any]:
    not_taken = lectures_not_taken(user)
    return {
        "not_taken": rows_between(not_taken, 0, NOT_TAKEN_SHOWN),
        "not_taken_count": not_taken.count(),
        "figures": organisation_figures(organisation=user.organisation.pk.hex) if _oversees(user) else None,
    }


@require_GET
@only(User.Role.STUDENT)
def record_show(request: SignedInRequest) -> HttpResponse:
    """Show a student the own record: every mark, and every percentage with its formula."""
    context = {"records": record_of(request.user), "receipt_terms": terms_with_receipts(request.user)}
    return render(request, "me/record.html", {"current_place": "record_show", **context})
