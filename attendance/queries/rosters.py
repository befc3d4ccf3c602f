"""Who belongs to a lecture."""

from datetime import date

from django.db.models import Q, QuerySet

from attendance.models import Enrolment, Lecture, User
from attendance.prepared import Prepared, Value


def enrolled_on(day: date) -> Q:
    """Return the condition that an enrolment holds on that day, its first and last day included."""
    return (Q(from_day__isnull=True) | Q(from_day__lte=day)) & (Q(until_day__isnull=True) | Q(until_day__gte=day))


def roster_of(lecture: Lecture) -> QuerySet[Enrolment]:
    """Return the enrolments whose students are expected in the lecture, by roll number.

    A lecture of a section expects that section; any other expects everybody who is enrolled on its day, by the
    calendar of the organisation.
    """
    return _roster(lecture.offering_id, _day_of(lecture), lecture.section_id)


def _day_of(lecture: Lecture) -> date:
    return lecture.starts_at.astimezone(lecture.organisation.zone).date()


def _roster(offering: int, day: date, section: int | None) -> QuerySet[Enrolment]:
    roster = Enrolment.objects.filter(enrolled_on(day), offering=offering)
    return roster if section is None else roster.filter(sections=section)


_EXPECTED = Prepared(
    lambda offering, day, student: _roster(offering, day, None).filter(student=student).order_by(),
    offering=int,
    day=date,
    student=int,
)
_EXPECTED_IN_SECTION = Prepared(
    lambda offering, day, section, student: _roster(offering, day, section).filter(student=student).order_by(),
    offering=int,
    day=date,
    section=int,
    student=int,
)


def is_expected(student: User, lecture: Lecture) -> bool:
    """Say whether a student belongs to a lecture."""
    asked: dict[str, Value] = {"offering": lecture.offering_id, "day": _day_of(lecture), "student": student.pk}
    if lecture.section_id is None:
        return _EXPECTED.first(**asked) is not None
    return _EXPECTED_IN_SECTION.first(**asked, section=lecture.section_id) is not None
