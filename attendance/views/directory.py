"""Students and teachers as one looks them up: the two directories, and the page of each person."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from attendance.access import SignedInRequest, only, readable_organisations, see_student, see_teacher, signed_in
from attendance.caching.pages import cached_page
from attendance.models import User
from attendance.queries.courses import offering_named
from attendance.queries.directory import (
    SORTS,
    departments_of,
    offerings_taught_by,
    record_seen_by,
    students_found,
    teachers_found,
)
from attendance.queries.organisation_facts import facts_of
from attendance.queries.sorting import sort_named
from attendance.views import page_tags
from attendance.views.paging import page_asked_for

PAGE_SIZE = 50
_TIMEOUT = timedelta(seconds=settings.CACHE_TIMEOUT_STUDENT_LIST)
STAFF = (User.Role.ADMIN, User.Role.TEACHER, User.Role.AUDITOR)


@cached_page(
    "student_list",
    scope="reach",
    timeout=_TIMEOUT,
    tags=page_tags.student_list,
    params=("q", "department", "course_id", "sort", "page"),
)
@require_safe
@only(*STAFF)
def student_list(request: SignedInRequest) -> HttpResponse:
    """List students; `q` searches, `department` and `course_id` filter, `sort` orders, `page` turns pages."""
    asked, course = _asked(request), offering_named(request.user, request.GET.get("course_id", ""))
    found = students_found(request.user, course=course, **_wanted(asked))
    return _page(request, "directory/students.html", "student_list", found, {"course": course, **asked})


@cached_page(
    "teacher_list",
    scope="role",
    timeout=_TIMEOUT,
    tags=page_tags.teacher_list,
    params=("q", "department", "sort", "page"),
)
@require_safe
@signed_in
def teacher_list(request: SignedInRequest) -> HttpResponse:
    """List the teachers of the reader's organisation; the same words in the address as for students."""
    asked = _asked(request)
    found = teachers_found(request.user, **_wanted(asked))
    return _page(request, "directory/teachers.html", "teacher_list", found, asked)


def _asked(request: SignedInRequest) -> dict[str, Any]:
    """Return what the address asks for; what it cannot mean is left out."""
    departments = departments_of(readable_organisations(request.user) or [request.user.organisation_id])
    department = next((each for each in departments if str(each.pk) == request.GET.get("department")), None)
    return {
        "search": request.GET.get("q", "").strip()[:100],
        "sort": sort_named(SORTS, request.GET.get("sort", ""), "name"),
        "departments": departments,
        "department": department,
    }


def _wanted(asked: dict[str, Any]) -> dict[str, Any]:
    department = asked["department"]
    return {"search": asked["search"], "sort": asked["sort"], "department": department.pk if department else None}


def _page(request: SignedInRequest, template: str, place: str, found: Any, asked: dict[str, Any]) -> HttpResponse:
    page = page_asked_for(found, PAGE_SIZE, request.GET.get("page"))
    organisation = facts_of(request.user.organisation_id.hex)
    return render(request, template, {"current_place": place, "page": page, "organisation": organisation, **asked})


@require_safe
@only(*STAFF)
def student_show(request: SignedInRequest, student_id: int) -> HttpResponse:
    """Show a student to those who teach or oversee: how they stand in these courses, and every mark."""
    student = see_student(request.user, student_id)
    context = {
        "current_place": "student_list",
        "student": student,
        "records": record_seen_by(request.user, student),
        "target": student.organisation.at_risk_percent,
    }
    return render(request, "directory/student.html", context)


@require_safe
@signed_in
def teacher_show(request: SignedInRequest, teacher_id: int) -> HttpResponse:
    """Show a teacher to everybody of the organisation: how to reach them, and what they teach."""
    teacher = see_teacher(request.user, teacher_id)
    context = {"current_place": "teacher_list", "teacher": teacher, "offerings": offerings_taught_by(teacher)}
    return render(request, "directory/teacher.html", context)
