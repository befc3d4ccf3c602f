"""The directories: which students and teachers a reader may look up, found, filtered and sorted by the database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from attendance import cache_tags as tags
from attendance.access import students_seen_by
from attendance.caching.accessors import cached
from attendance.models import CourseStaff, Department, Enrolment, Offering, User
from attendance.queries.belongings import belongings_of
from attendance.queries.people import people_matching
from attendance.queries.records import CourseRecord, record_of
from attendance.queries.sorting import ordered

SORTS = {
    "name": ("family_name", "given_name", "pk"),
    "number": ("number", "pk"),
    "department": ("department__name", "family_name", "given_name", "pk"),
}
"""The columns a directory can be sorted by."""


def students_found(
    user: User, *, search: str, department: int | None, sort: str, course: Offering | None = None
) -> QuerySet[User]:
    """Return the students whom the reader may look up, as the address asks for them; with a course, those in it.

    Who was erased is in no directory.
    """
    students = students_seen_by(user).filter(erased_at=None)
    if course is not None:
        students = students.filter(pk__in=Enrolment.objects.filter(offering=course).values("student"))
    return _found(students, search, department, sort)


def teachers_found(user: User, *, search: str, department: int | None, sort: str) -> QuerySet[User]:
    """Return the active teachers of the reader's organisation, as the address asks for them."""
    teachers = User.objects.filter(organisation=user.organisation_id, role=User.Role.TEACHER, is_active=True)
    return _found(teachers, search, department, sort)


def _found(people: QuerySet[User], search: str, department: int | None, sort: str) -> QuerySet[User]:
    found = people_matching(people.select_related("department"), search)
    if department is not None:
        found = found.filter(department=department)
    return ordered(found, SORTS, sort)


@dataclass(frozen=True)
class ListedDepartment:
    """A department as lists offer it for choosing."""

    pk: int
    name: str

    def __str__(self) -> str:
        return self.name


@cached(
    "department_names",
    timeout=timedelta(hours=2),
    tags=lambda *, organisations: [tags.departments_of(each) for each in organisations],
)
def department_names(*, organisations: list[str]) -> list[list[Any]]:
    """Return the departments of these organisations, named by their 32 digits, as pairs of id and name; 1 query."""
    rows = Department.objects.filter(organisation__in=[UUID(each) for each in organisations])
    return [list(pair) for pair in rows.order_by("name", "pk").values_list("pk", "name")]


def departments_of(organisations: Collection[UUID]) -> list[ListedDepartment]:
    """Return the departments of these organisations by name."""
    named = sorted(each.hex for each in organisations)
    return [ListedDepartment(*pair) for pair in department_names(organisations=named)] if named else []


@dataclass(frozen=True)
class EnrolledRecord(CourseRecord):
    """A student's record in one course, with the number under which the course has the student."""

    roll_number: str


def record_seen_by(user: User, student: User) -> list[EnrolledRecord]:
    """Return a student's record in those courses that the reader teaches or oversees."""
    enrolments = Enrolment.objects.filter(student=student)
    if user.role in (User.Role.TEACHER, User.Role.STUDENT):
        taught = CourseStaff.objects.filter(user=user, lecture__isnull=True)
        enrolments = enrolments.filter(offering__in=taught.values("offering"))
    numbers = dict(enrolments.values_list("offering", "roll_number"))
    found = (record for record in record_of(belongings_of(student)) if record.own.course.pk in numbers)
    return [EnrolledRecord(record.own, record.marks, numbers[record.own.course.pk]) for record in found]


def offerings_taught_by(teacher: User) -> QuerySet[Offering]:
    """Return the courses that a teacher owns or assists in, newest term first, archived ones left out."""
    taught = CourseStaff.objects.filter(user=teacher, lecture__isnull=True).values("offering")
    offerings = Offering.objects.filter(
        pk__in=taught, organisation=teacher.organisation_id, course__archived_at__isnull=True
    )
    return offerings.select_related("course", "term").order_by("-term__first_day", "course__code")
