"""Reading a student's own record: how one stands in each course, and the marks behind it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from attendance import cache_tags as tags
from attendance.caching.accessors import cached, reason_to_bypass
from attendance.models import Attendance, Status
from attendance.queries.belongings import Belongings
from attendance.queries.organisation_facts import facts_of
from attendance.queries.percentage import Standing
from attendance.queries.standings import Counts, counts_by_place
from attendance.queries.timetables import TIMEOUT, ListedLecture, TaughtCourse, courses_of

MOST_COUNTED_TOGETHER = 60
"""Students of a course up to which all of them are counted at once, in one entry that they share.

Every mark ends that entry. Counting sixty takes 15 ms, one student in six courses 6 ms; counting a course of 400 takes
85 ms, which each of hundreds of marks a minute would ask for again.
"""


@dataclass(frozen=True)
class OwnStanding:
    """A course in which somebody is enrolled, and how that student stands there."""

    course: TaughtCourse
    standing: Standing


@dataclass(frozen=True)
class Mark:
    """A student's mark in one lecture."""

    lecture: ListedLecture
    status: Status


@dataclass(frozen=True)
class CourseRecord:
    """A student's standing in one course with the marks behind it, oldest first."""

    own: OwnStanding
    marks: Sequence[Mark]


def _standing_tags(*, student: int, offerings: list[int], time_zone: str) -> list[str]:
    own = [tags.attendance_of_student(student), tags.enrolments_of(student), tags.seats_of(student)]
    return [*own, *(tag for offering in offerings for tag in tags.timetable_of_offering(offering))]


@cached("student_standings", timeout=TIMEOUT, tags=_standing_tags)
def student_standings(*, student: int, offerings: list[int], time_zone: str) -> list[list[Any]]:
    """Return what a student's standings come from in these offerings, whose days are those of that zone; 1 query.

    A row holds the offering, the marks by status, the blanks and the lectures not over yet.
    """
    whose = Q(offering__in=offerings, offering__enrolments__student=student)
    counted = counts_by_place(ZoneInfo(time_zone), whose, "offering")
    return [[offering, each.marks, each.blanks, each.remaining] for offering, each in counted.items()]


@cached("offering_counts", timeout=TIMEOUT, tags=lambda *, offering, time_zone: tags.around_offering(offering))
def offering_counts(*, offering: int, time_zone: str) -> dict[str, list[Any]]:
    """Return by student what standings in an offering come from: marks, blanks, lectures to come; 1 query."""
    counted = counts_by_place(ZoneInfo(time_zone), Q(offering=offering), "offering__enrolments__student")
    return {str(student): [each.marks, each.blanks, each.remaining] for student, each in counted.items()}


@cached("student_marks", timeout=TIMEOUT, tags=lambda *, student: [tags.attendance_of_student(student)])
def student_marks(*, student: int) -> list[list[Any]]:
    """Return a student's marks as pairs of lecture and status; 1 query."""
    rows = Attendance.objects.filter(student=student).exclude(status="")
    return [list(pair) for pair in rows.order_by("lecture").values_list("lecture", "status")]


def standings_of_student(student: Belongings, courses: Iterable[TaughtCourse], time_zone: str) -> list[OwnStanding]:
    """Return how a student stands in each of these courses that is not archived, newest term first."""
    current = [course for course in courses if course.pk in student.enrolled and not course.is_archived]
    return sorted(_standings(student, current, time_zone), key=_newest_first)


def _newest_first(own: OwnStanding) -> tuple[int, str]:
    return -own.course.first_day.toordinal(), own.course.code


def standing_in(course: TaughtCourse, student: Belongings, time_zone: str) -> OwnStanding | None:
    """Return how a student stands in one course, None when not enrolled there."""
    return next(iter(_standings(student, [course], time_zone)), None) if course.pk in student.enrolled else None


def _standings(student: Belongings, courses: Sequence[TaughtCourse], time_zone: str) -> list[OwnStanding]:
    """Return how a student stands in some of the own courses."""
    most = 0 if reason_to_bypass() else MOST_COUNTED_TOGETHER  # Past the cache there is nobody to share with.
    together = [course.pk for course in courses if course.students <= most]
    alone = [course.pk for course in courses if course.students > most]
    counted = _counted_together(student.user, together, time_zone) | _counted_alone(student.user, alone, time_zone)
    return [OwnStanding(course, counted.get(course.pk, Counts()).standing(course.policy)) for course in courses]


def _counted_together(student: int, offerings: list[int], time_zone: str) -> dict[int, Counts]:
    rows = offering_counts.several([{"offering": each, "time_zone": time_zone} for each in offerings])
    own = ((offering, row.get(str(student))) for offering, row in zip(offerings, rows, strict=True))
    return {offering: Counts(*numbers) for offering, numbers in own if numbers is not None}


def _counted_alone(student: int, offerings: list[int], time_zone: str) -> dict[int, Counts]:
    if not offerings:
        return {}
    rows = student_standings(student=student, offerings=sorted(offerings), time_zone=time_zone)
    return {offering: Counts(*numbers) for offering, *numbers in rows}


def statuses_of(student: Belongings) -> dict[int, Status]:
    """Return a student's marks by lecture."""
    return {lecture: Status(status) for lecture, status in student_marks(student=student.user)}


def record_of(student: Belongings) -> list[CourseRecord]:
    """Return a student's record, course by course."""
    statuses, time_zone = statuses_of(student), facts_of(student.organisation).time_zone
    standings = standings_of_student(student, courses_of(student), time_zone)
    return [CourseRecord(own, _marks_in(own.course, statuses)) for own in standings]


def _marks_in(course: TaughtCourse, statuses: dict[int, Status]) -> list[Mark]:
    held = (lecture for lecture in course.lectures if lecture.cancelled_at is None)
    return [Mark(lecture, statuses[lecture.pk]) for lecture in held if lecture.pk in statuses]
