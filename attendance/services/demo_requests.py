"""Requests that wait in the demo, so that those who decide find something to decide, and a holiday to plan around."""

from datetime import timedelta

from attendance import clock
from attendance.models import Attendance, Enrolment, Offering, Request, Status, User
from attendance.services.institution import save_holiday
from attendance.services.requests import decide, file_correction, file_leave, file_other

HOLIDAY = "Founders' Day"


def add_requests(*, offering: Offering, student: User, admin: User) -> None:
    """File requests of the student and of fellow students in the offering, once for each organisation."""
    if Request.objects.filter(organisation=offering.organisation).exists():
        return
    today = clock.today(offering.organisation.zone)
    first, second, third = _fellows(offering, student)
    _file_correction_of_latest_absence(offering, student)
    file_leave(
        student=first,
        from_day=today + timedelta(days=5),
        until_day=today + timedelta(days=8),
        reason="I compete at the national student games in these days.",
        offering=offering,
    )
    file_other(
        student=second,
        kind=Request.Kind.CLASS_DROP,
        offering=offering,
        reason="It overlaps with my laboratory since the timetable changed.",
    )
    card = file_other(student=third, kind=Request.Kind.CARD, reason="I lost my card on the bus.")
    decide(request=card, actor=admin, approve=True, answer="Fetch it at the registry from tomorrow on.")
    day = today + timedelta(days=16)
    save_holiday(organisation=offering.organisation, holiday=None, name=HOLIDAY, first_day=day, last_day=day)


def _fellows(offering: Offering, student: User) -> list[User]:
    enrolments = Enrolment.objects.filter(offering=offering).exclude(student=student).select_related("student")
    return [enrolment.student for enrolment in enrolments.order_by("roll_number")[5:8]]


def _file_correction_of_latest_absence(offering: Offering, student: User) -> None:
    absences = Attendance.objects.filter(lecture__offering=offering, student=student, status=Status.ABSENT)
    absence = absences.select_related("lecture__offering").order_by("-lecture__starts_at").first()
    if absence is not None:
        file_correction(
            student=student,
            lecture=absence.lecture,
            wanted_status=Status.LATE,
            reason="I came ten minutes late and sat in the last row; my neighbours saw me.",
        )
