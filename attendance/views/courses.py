"""Courses: the list, one course, a new one, changes to it, its staff and its enrolment code."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from attendance import clock
from attendance.access import (
    Rights,
    SignedInRequest,
    manage_offering,
    only,
    readable_organisations,
    see_person_of,
    signed_in,
)
from attendance.caching.pages import cached_page
from attendance.models import Offering, Term, User
from attendance.queries.belongings import Belongings, belongings_of
from attendance.queries.courses import SORTS, offerings_for, terms_for
from attendance.queries.directory import ListedDepartment, departments_of
from attendance.queries.grants import see_course
from attendance.queries.organisation_facts import facts_of
from attendance.queries.records import standing_in, statuses_of
from attendance.queries.sorting import sort_named
from attendance.queries.standings import standings_of_offering
from attendance.queries.timetables import (
    ListedLecture,
    TaughtCourse,
    holds_until_one_starts_or_ends,
    holds_until_the_next,
    is_expected,
    offering_staff,
)
from attendance.services import courses, enrolment
from attendance.services.refusals import Refusal
from attendance.views import page_tags
from attendance.views.forms.courses import AssistantForm, CourseDetailsForm, CourseForm, PolicyForm
from attendance.views.limits import render_form
from attendance.views.paging import page_asked_for

PAGE_SIZE = 50
NEXT = 5
"""How many of the lectures to come a course shows; the others are one click away."""
NamedRow = TypeVar("NamedRow", Term, ListedDepartment)


@cached_page(
    "course_list",
    scope="reach",
    timeout=timedelta(seconds=settings.CACHE_TIMEOUT_COURSE_LIST),
    tags=page_tags.course_list,
    params=("q", "term", "department", "status", "sort", "page"),
)
@require_safe
@signed_in
def course_list(request: SignedInRequest) -> HttpResponse:
    """List the courses the reader sees.

    `q` searches, `term` and `department` filter, `status=archived` shows those put away, `sort` orders, `page` turns.
    """
    terms, departments = terms_for(request.user), departments_of(readable_organisations(request.user))
    asked: dict[str, Any] = {
        "search": request.GET.get("q", "").strip()[:100],
        "term": _chosen(terms, request.GET.get("term")),
        "department": _chosen(departments, request.GET.get("department")),
        "archived": request.GET.get("status") == "archived",
        "sort": sort_named(SORTS, request.GET.get("sort", ""), "code"),
    }
    page = page_asked_for(offerings_for(request.user, **asked), PAGE_SIZE, request.GET.get("page"))
    context = {"current_place": "course_list", "page": page, "terms": terms, "departments": departments, **asked}
    return render(request, "courses/list.html", context)


def _chosen(rows: list[NamedRow], asked: str | None) -> NamedRow | None:
    return next((row for row in rows if str(row.pk) == asked), None)


@only(User.Role.ADMIN, User.Role.TEACHER)
def course_create(request: SignedInRequest) -> HttpResponse:
    """Show and take the form for a new course of the reader's organisation; a teacher owns it."""
    form = CourseForm(request.user, request.POST or None)
    if form.is_valid():
        try:
            offering = courses.create_course(organisation=request.user.organisation, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("code", str(refusal))
        else:
            messages.success(
                request, _("%(course)s is there. Give its students the enrolment code.") % {"course": offering.course}
            )
            return redirect("course_show", offering.pk)
    return render_form(request, "courses/create.html", form, current_place="course_list")


@cached_page(
    "course_detail",
    scope="reach",
    timeout=timedelta(seconds=settings.CACHE_TIMEOUT_COURSE_LIST),
    tags=page_tags.course_show,
)
@require_safe
@signed_in
def course_show(request: SignedInRequest, offering_id: int) -> HttpResponse:
    """Show a course: to its staff the students and how they stand, to a student the own record in it."""
    course, rights = see_course(request.user, offering_id)
    own, facts, now = belongings_of(request.user), facts_of(course.organisation), clock.now()
    part = _staff_part(course, rights, now) if rights.read else _student_part(course, own, facts.time_zone)
    context = {
        "current_place": "course_list",
        "course": course,
        "rights": rights,
        "staff": offering_staff(offering=course.pk, reach=own.reach),
        "target": facts.at_risk_percent,
    }
    return render(request, "courses/show.html", context | part | _lectures_part(part["lectures"], now))


def _lectures_part(lectures: Sequence[ListedLecture], now: datetime) -> dict[str, Any]:
    """Return the next lectures, the number of those after them, and those that are over, the latest first."""
    holds_until_one_starts_or_ends(lectures, now)
    coming = [lecture for lecture in lectures if lecture.ends_at > now]
    past = [lecture for lecture in reversed(lectures) if lecture.ends_at <= now]
    return {"now": now, "coming": coming[:NEXT], "further": max(0, len(coming) - NEXT), "past": past}


def _staff_part(course: TaughtCourse, rights: Rights, now: datetime) -> dict[str, Any]:
    if course.enrolment_code_expires_at is not None:
        holds_until_the_next([course.enrolment_code_expires_at], now)
    offering = Offering.objects.select_related("organisation").get(pk=course.pk)
    return {
        "lectures": course.lectures,
        "standings": standings_of_offering(offering),
        "assistant_form": AssistantForm(offering.organisation) if rights.manage else None,
    }


def _student_part(course: TaughtCourse, student: Belongings, time_zone: str) -> dict[str, Any]:
    statuses = statuses_of(student)
    lectures = [lecture for lecture in course.lectures if is_expected(student, lecture)]
    return {
        "lectures": [replace(lecture, own_status=statuses.get(lecture.pk, "")) for lecture in lectures],
        "own": standing_in(course, student, time_zone),
    }


@signed_in
def course_edit(request: SignedInRequest, offering_id: int) -> HttpResponse:
    """Show and take what the course is called and where it belongs."""
    offering = manage_offering(request.user, offering_id)
    course = offering.course
    initial = {"code": course.code, "title": course.title, "department": course.department_id}
    form = CourseDetailsForm(offering.organisation, request.POST or None, initial=initial)
    if form.is_valid():
        try:
            courses.update_course(offering=offering, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("code", str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("course_show", offering.pk)
    return render_form(request, "courses/edit.html", form, current_place="course_list", offering=offering)


@signed_in
def policy_edit(request: SignedInRequest, offering_id: int) -> HttpResponse:
    """Show and take what each mark is worth in the course."""
    offering = manage_offering(request.user, offering_id)
    form = PolicyForm(request.POST or None, initial={name: getattr(offering, name) for name in PolicyForm.base_fields})
    if form.is_valid():
        courses.update_policy(offering=offering, actor=request.user, **form.cleaned_data)
        messages.success(request, _("Saved. Every percentage of this course follows."))
        return redirect("course_show", offering.pk)
    return render_form(request, "courses/policy.html", form, current_place="course_list", offering=offering)


@require_POST
@signed_in
def course_archive(request: SignedInRequest, offering_id: int) -> HttpResponse:
    """Take the course off the lists."""
    offering = manage_offering(request.user, offering_id)
    courses.archive_course(course=offering.course)
    return redirect("course_show", offering.pk)


@require_POST
@signed_in
def course_restore(request: SignedInRequest, offering_id: int) -> HttpResponse:
    """Put the course back on the lists."""
    offering = manage_offering(request.user, offering_id)
    courses.restore_course(course=offering.course)
    return redirect("course_show", offering.pk)


@require_POST
@signed_in
def assistant_remove(request: SignedInRequest, offering_id: int, person_id: int) -> HttpResponse:
    """End somebody's duty as an assistant."""
    offering = manage_offering(request.user, offering_id)
    courses.remove_assistant(offering=offering, user=see_person_of(offering.organisation, person_id))
    return redirect("course_show", offering.pk)


@require_POST
@signed_in
def assistant_add(request: SignedInRequest, offering_id: int) -> HttpResponse:
    """Make somebody an assistant of the course."""
    offering = manage_offering(request.user, offering_id)
    form = AssistantForm(offering.organisation, request.POST)
    if not form.is_valid():
        messages.error(request, form.sentence_at("person"))
        return redirect("course_show", offering.pk)
    try:
        duty = courses.add_assistant(offering=offering, user=form.cleaned_data["person"])
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(name)s can open check-in and mark the register.") % {"name": duty.user})
    return redirect("course_show", offering.pk)


@require_POST
@signed_in
def code_issue(request: SignedInRequest, offering_id: int) -> HttpResponse:
    """Give the course a new enrolment code; the one before ends."""
    offering = manage_offering(request.user, offering_id)
    enrolment.issue_code(offering=offering, actor=request.user)
    return redirect("course_show", offering.pk)


@require_POST
@signed_in
def code_withdraw(request: SignedInRequest, offering_id: int) -> HttpResponse:
    """End the course's enrolment code."""
    offering = manage_offering(request.user, offering_id)
    enrolment.withdraw_code(offering=offering, actor=request.user)
    return redirect("course_show", offering.pk)
