"""Holding heads against marks: who to call first when more are marked than sit there."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from attendance.models import Attendance, AttendanceSession, CheckInAttempt, Status
from attendance.queries.registers import HERE, RegisterRow

MOST_NAMES = 10


@dataclass(frozen=True)
class Doubt:
    """A student who is marked here, and the scan that marked; nothing is wrong with either, they are asked first."""

    row: RegisterRow
    scan: CheckInAttempt


@dataclass(frozen=True)
class Headcount:
    """How many more are marked here than heads were counted, less than 0 for fewer; and whom to call first."""

    more: int
    call: list[Doubt]


def headcount_of(session: AttendanceSession, rows: Iterable[RegisterRow]) -> Headcount | None:
    """Return what the counted heads say about the rows of the lecture's register; None while nobody counted.

    The least sure are called first: by what was shown, then those whom the hint puts off the campus. Among equals the
    order is drawn by lot, the same one each time, so that nobody is called for the place in the alphabet.
    """
    if session.headcount is None:
        return None
    there = [row for row in rows if row.status in HERE and row.status != Status.REMOTE]
    more = len(there) - session.headcount
    if more <= 0:
        return Headcount(more, [])
    scans = _scans_that_marked(session)
    doubts = [Doubt(row, scans[row.student.pk]) for row in there if row.student.pk in scans]
    doubts.sort(key=lambda doubt: _order(session, doubt))
    return Headcount(more, doubts[: min(max(2 * more, 3), MOST_NAMES)])


def _scans_that_marked(session: AttendanceSession) -> dict[int, CheckInAttempt]:
    """Return, by student, the scan that made the present mark; who was marked in another way has none."""
    present = Attendance.objects.filter(lecture=session.lecture_id).values("event")
    scans = CheckInAttempt.objects.filter(
        lecture=session.lecture_id, outcome=CheckInAttempt.Outcome.CHECKED_IN, event__in=present
    )
    return {scan.student_id: scan for scan in scans}


def _order(session: AttendanceSession, doubt: Doubt) -> tuple[int, bool, str]:
    lot = hashlib.sha256(f"{session.pk} {doubt.row.student.pk}".encode()).hexdigest()
    return doubt.scan.dots, doubt.scan.on_campus is not False, lot
