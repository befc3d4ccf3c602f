"""Reading a student's own record."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from attendance.models import Attendance, User
from attendance.queries.standings import EnrolledStanding, standings_of_student


@dataclass(frozen=True)
class CourseRecord:
    """A student's standing in one offering with the marks behind it, oldest first."""

    enrolled: EnrolledStanding
    marks: Sequence[Attendance]


def record_of(student: User) -> list[CourseRecord]:
    """Return the student's record, course by course; 4 queries."""
    marks: dict[int, list[Attendance]] = defaultdict(list)
    rows = Attendance.objects.filter(student=student, lecture__cancelled_at__isnull=True).exclude(status="")
    for mark in rows.select_related("lecture").order_by("lecture__starts_at"):
        marks[mark.lecture.offering_id].append(mark)
    return [CourseRecord(each, marks[each.enrolment.offering_id]) for each in standings_of_student(student)]
