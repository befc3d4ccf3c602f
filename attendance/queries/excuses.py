"""Whom an excuse would change: seen before it is given, and given as it was seen."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import TruncDate

from attendance.models import Attendance, Enrolment, Lecture, Offering, Status, User
from attendance.queries.holidays import lectures_within
from attendance.queries.standings import expects_enrolment


@dataclass(frozen=True)
class ExcusedLecture:
    """A lecture, and the students who would be excused in it: expected there, and blank or absent."""

    lecture: Lecture
    students: list[User]


def students_named(offering: Offering, text: str) -> tuple[list[User], list[str]]:
    """Return the students of an offering whose roll numbers, numbers or user names a text lists, and what names nobody.

    Names are parted by spaces, commas, semicolons or lines.
    """
    names = dict.fromkeys(text.replace(",", " ").replace(";", " ").lower().split())
    known: dict[str, User] = {}
    for enrolment in Enrolment.objects.filter(offering=offering).select_related("student"):
        student = enrolment.student
        for name in (student.number, student.username, enrolment.roll_number):
            known.setdefault(name.lower(), student)
    found = {known[name].pk: known[name] for name in names if name in known}
    return list(found.values()), [name for name in names if name not in known]


def lectures_to_excuse(
    offering: Offering, students: Collection[User], first_day: date, last_day: date
) -> list[ExcusedLecture]:
    """Return the lectures of these days, by time, in which any of these students would be excused; 2 queries."""
    by_id = {student.pk: student for student in students}
    lectures = lectures_within(offering.organisation, first_day, last_day).filter(offering=offering)
    expected: defaultdict[int, list[User]] = defaultdict(list)
    for lecture_id, student_id in _expected(lectures.filter(cancelled_at__isnull=True), offering, by_id):
        expected[lecture_id].append(by_id[student_id])
    planned = lectures.filter(pk__in=expected).select_related("organisation", "offering__course", "section")
    return [ExcusedLecture(lecture, expected[lecture.pk]) for lecture in planned.order_by("starts_at", "pk")]


def _expected(
    lectures: QuerySet[Lecture], offering: Offering, students: Collection[int]
) -> "QuerySet[Lecture, tuple[int, int]]":
    """Return (lecture, student) for each student who is expected there and not marked as having come."""
    came = Attendance.objects.filter(lecture=OuterRef("pk"), student=OuterRef("offering__enrolments__student"))
    return (
        lectures.annotate(day=TruncDate("starts_at", tzinfo=offering.organisation.zone))
        .filter(
            expects_enrolment(),
            ~Exists(came.exclude(status__in=["", Status.ABSENT])),
            offering__enrolments__student__in=students,
        )
        .order_by("offering__enrolments__roll_number")
        .values_list("pk", "offering__enrolments__student")
    )
