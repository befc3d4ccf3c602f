"""Today: the first page of everybody who is signed in."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe

from attendance import clock
from attendance.access import SignedInRequest, only, signed_in
from attendance.caching.pages import cached_page
from attendance.models import User
from attendance.queries.belongings import belongings_of
from attendance.queries.blocks import terms_with_receipts
from attendance.queries.figures import organisation_figures
from attendance.queries.lectures import (
    day_of,
    holds_until_next_change,
    lectures_for,
    lectures_not_taken,
    lectures_of_today,
)
from attendance.queries.organisation_facts import OrganisationFacts, facts_of
from attendance.queries.records import record_of, standings_of_student
from attendance.queries.slices import rows_between
from attendance.queries.timetables import ListedLecture, courses_of, holds_until_one_starts_or_ends, own_lectures
from attendance.views import page_tags

NOT_TAKEN_SHOWN = 10
TODAY_SHOWN = 20
"""Of a whole institution's lectures, those that run or come next; the list of lectures has all."""


@cached_page("dashboard", scope="reach", timeout=timedelta(seconds=300), tags=page_tags.dashboard)
@require_safe
@signed_in
def dashboard(request: SignedInRequest) -> HttpResponse:
    """Show what matters today, by role."""
    user, now = request.user, clock.now()
    organisation = facts_of(user.organisation_id.hex)
    oversees = user.role in (User.Role.ADMIN, User.Role.AUDITOR)
    part = _of_all(user, organisation, now) if oversees else _own_part(user, organisation, now)
    context = {"current_place": "dashboard", "now": now, "organisation": organisation, "oversees": oversees}
    template = "dashboard/student.html" if user.role == User.Role.STUDENT else "dashboard/staff.html"
    return render(request, template, context | part)


def _own_part(user: User, organisation: OrganisationFacts, now: datetime) -> dict[str, Any]:
    """Return what a teacher or a student sees of the own lectures; a student's standings as well."""
    own = belongings_of(user)
    courses = courses_of(own)
    lectures = own_lectures(own, courses)
    holds_until_one_starts_or_ends(lectures, now)
    midnight, tomorrow = day_of(now, organisation.zone)
    is_student = user.role == User.Role.STUDENT
    standings = standings_of_student(own, courses, organisation.time_zone) if is_student else []
    missed = [lecture for lecture in reversed(lectures) if lecture.was_missed(now)]
    return {
        "today": [lecture for lecture in lectures if midnight <= lecture.starts_at < tomorrow],
        "next": next((each for each in lectures if each.ends_at > now and each.cancelled_at is None), None),
        "not_taken": missed[:NOT_TAKEN_SHOWN],
        "not_taken_count": len(missed),
        "standings": standings,
    }


def _of_all(user: User, organisation: OrganisationFacts, now: datetime) -> dict[str, Any]:
    """Return what an administrator or an auditor sees of everybody's lectures."""
    holds_until_next_change(lectures_for(user))
    today, missed = lectures_of_today(user, organisation.zone).filter(ends_at__gt=now), lectures_not_taken(user)
    return {
        "today": [ListedLecture.of(lecture) for lecture in today[:TODAY_SHOWN]],
        "not_taken": [ListedLecture.of(lecture) for lecture in rows_between(missed, 0, NOT_TAKEN_SHOWN)],
        "not_taken_count": missed.count(),
        "figures": organisation_figures(organisation=user.organisation_id.hex),
    }


@require_GET
@only(User.Role.STUDENT)
def record_show(request: SignedInRequest) -> HttpResponse:
    """Show a student the own record: every mark, and every percentage with its formula."""
    context = {"records": record_of(belongings_of(request.user)), "receipt_terms": terms_with_receipts(request.user)}
    return render(request, "me/record.html", {"current_place": "record_show", **context})
