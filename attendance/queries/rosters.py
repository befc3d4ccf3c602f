"""Who belongs to a lecture."""

from datetime import date

from django.db.models import Q, QuerySet

from attendance.models import Enrolment, Lecture, User


def enrolled_on(day: date) -> Q:
    """Return the condition that an enrolment holds on that day, its first and last day included."""
    return (Q(from_day__isnull=True) | Q(from_day__lte=day)) & (Q(until_day__isnull=True) | Q(until_day__gte=day))


def roster_of(lecture: Lecture) -> QuerySet[Enrolment]:
    """Return the enrolments whose students are expected in the lecture, by roll number.

    A lecture of a section expects that section; any other expects everybody who is enrolled on its day, by the
    calendar of the organisation.
    """
    day = lecture.starts_at.astimezone(lecture.organisation.zone).date()
    roster = Enrolment.objects.filter(enrolled_on(day), offering=lecture.offering_id)
    return roster if lecture.section_id is None else roster.filter(sections=lecture.section_id)


def is_expected(student: User, lecture: Lecture) -> bool:
    """Say whether a student belongs to a lecture."""
    return roster_of(lecture).filter(student=student).exists()
