"""Reading scans, and what a scan can be about: open check-ins, and the lecture a student should be in."""

from datetime import timedelta

from attendance import clock
from attendance.models import Attendance, AttendanceSession, CheckInAttempt, Lecture, User
from attendance.queries.lectures import lectures_for
from attendance.queries.rosters import is_expected

SOON = timedelta(minutes=15)
"""How long before its start a lecture is where a student should be."""


def open_sessions_for(student: User) -> list[AttendanceSession]:
    """Return the check-ins that are open now in lectures in which the student is expected, the first one first."""
    sessions = AttendanceSession.objects.filter(
        closed_at__isnull=True,
        ends_at__gt=clock.now(),
        key__isnull=False,
        lecture__offering__enrolments__student=student,
    )
    around = sessions.select_related("lecture__offering__course", "lecture__organisation", "lecture__room")
    return [session for session in around.order_by("pk") if is_expected(student, session.lecture)]


def lecture_now(student: User) -> Lecture | None:
    """Return the lecture in which the student should be now or within a quarter of an hour, if any."""
    now = clock.now()
    around = lectures_for(student).filter(starts_at__lte=now + SOON, ends_at__gt=now, cancelled_at__isnull=True)
    shown = around.select_related("offering__course", "organisation", "room")
    return next((lecture for lecture in shown.order_by("-starts_at", "pk") if is_expected(student, lecture)), None)


def scans_waiting(lecture: Lecture) -> list[CheckInAttempt]:
    """Return the scans of a lecture that wait for its teacher: those after which nobody has marked the student."""
    return _unanswered(lecture, CheckInAttempt.Outcome.PENDING)


def scans_on_devices_of_others(lecture: Lecture) -> list[CheckInAttempt]:
    """Return the scans that were refused for the owner of their device, whose student nobody has marked since."""
    return _unanswered(lecture, CheckInAttempt.Outcome.OTHER_DEVICE)


def _unanswered(lecture: Lecture, outcome: CheckInAttempt.Outcome) -> list[CheckInAttempt]:
    """Return the last scan of each student with that outcome, unless the student was marked since."""
    attempts = CheckInAttempt.objects.filter(lecture=lecture, outcome=outcome).order_by("received_at", "pk")
    scans = {scan.student_id: scan for scan in attempts.select_related("student", "device__student")}
    marks = Attendance.objects.filter(lecture=lecture, student__in=scans)
    for student, marked_at in marks.values_list("student", "recorded_at"):
        if marked_at is not None and marked_at >= scans[student].received_at:
            del scans[student]
    return list(scans.values())
