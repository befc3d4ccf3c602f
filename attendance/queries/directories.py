"""Lists of an organisation as plain rows, and one lecture's stable part, all read through the cache.

Organisations are named by 32 hexadecimal digits (`Organisation.pk.hex`), so that every name is plain text. What a join
leads to is shown only if it belongs to that organisation: the tags speak of its rows and of no others.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Case, Count, F, When

from attendance import cache_tags as tags
from attendance.caching.accessors import cached
from attendance.models import CourseStaff, Lecture, Offering, User

Row = dict[str, Any]


def _own_name(path: str, organisation: UUID, owner: str = "organisation") -> Case:
    """Return the expression of the name of a row at the end of a path, None when another organisation owns it."""
    return Case(When(**{f"{path}__{owner}": organisation}, then=F(f"{path}__name")))


def _course_list_tags(*, organisation: str) -> list[str]:
    return [
        tags.offerings_of(organisation),
        tags.courses_of(organisation),
        tags.departments_of(organisation),
        tags.terms_of(organisation),
        tags.staff_of_organisation(organisation),
        tags.enrolments_of_organisation(organisation),
        tags.people_of(organisation),
    ]


@cached("course_rows", timeout=timedelta(seconds=settings.CACHE_TIMEOUT_COURSE_LIST), tags=_course_list_tags)
def course_list(*, organisation: str) -> list[Row]:
    """Return the offerings of an organisation that are not archived, by code; 2 queries.

    A row holds id, code, title, department, term_name, owners (their names) and student_count.
    """
    owners: dict[int, list[str]] = {}
    own = UUID(organisation)
    duties = CourseStaff.objects.filter(offering__organisation=own, user__organisation=own, duty=CourseStaff.Duty.OWNER)
    for duty in duties.select_related("user").order_by("user__family_name", "user_id"):
        owners.setdefault(duty.offering_id, []).append(duty.user.full_name)
    offerings = Offering.objects.filter(organisation=own, course__organisation=own, course__archived_at__isnull=True)
    rows = offerings.order_by("course__code", "pk").values(
        "id",
        code=F("course__code"),
        title=F("course__title"),
        department=_own_name("course__department", own),
        term_name=_own_name("term", own),
        student_count=Count("enrolments"),
    )
    return [{**row, "owners": owners.get(row["id"], [])} for row in rows]


def _directory_tags(*, organisation: str) -> list[str]:
    return [tags.people_of(organisation), tags.departments_of(organisation)]


def _directory(organisation: str, role: User.Role) -> list[Row]:
    own = UUID(organisation)
    people = User.objects.filter(organisation=own, role=role, erased_at=None).order_by(
        "family_name", "given_name", "pk"
    )
    fields = ("id", "number", "given_name", "family_name", "email", "is_active")
    return list(people.values(*fields, department_name=_own_name("department", own)))


@cached("student_rows", timeout=timedelta(seconds=settings.CACHE_TIMEOUT_STUDENT_LIST), tags=_directory_tags)
def student_list(*, organisation: str) -> list[Row]:
    """Return the students of an organisation by name: only what the directory shows; 1 query."""
    return _directory(organisation, User.Role.STUDENT)


@cached("teacher_rows", timeout=timedelta(seconds=settings.CACHE_TIMEOUT_STUDENT_LIST), tags=_directory_tags)
def teacher_list(*, organisation: str) -> list[Row]:
    """Return the teachers of an organisation by name: only what the directory shows; 1 query."""
    return _directory(organisation, User.Role.TEACHER)


def _lecture_tags(*, lecture: int, organisation: str) -> list[str]:
    return [
        tags.lecture(lecture),
        tags.offerings_of(organisation),
        tags.courses_of(organisation),
        tags.terms_of(organisation),
        tags.rooms_of(organisation),
        tags.sections_of_organisation(organisation),
    ]


@cached("lecture_row", timeout=timedelta(seconds=settings.CACHE_TIMEOUT_LECTURE_DETAIL), tags=_lecture_tags)
def lecture_detail(*, lecture: int, organisation: str) -> Row | None:
    """Return what a lecture's page shows of the lecture itself; 1 query.

    None when the organisation has no such lecture. Sessions and marks are no part of it: they are live.
    """
    own = UUID(organisation)
    rows = Lecture.objects.filter(
        pk=lecture, organisation=own, offering__organisation=own, offering__course__organisation=own
    ).values(
        "id",
        "offering",
        "starts_at",
        "ends_at",
        "mode",
        "topic",
        "cancelled_at",
        course=F("offering__course__title"),
        code=F("offering__course__code"),
        term=_own_name("offering__term", own),
        room_name=_own_name("room", own),
        section_name=_own_name("section", own, "offering__organisation"),
    )
    return next((_spelled(row) for row in rows), None)


def _spelled(row: Mapping[str, Any]) -> Row:
    """Return a row with its instants as ISO 8601 text, which JSON can hold."""
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}
