"""Excusing many students for several lectures in one act."""

from collections.abc import Sequence

from django.db import transaction

from attendance.models import Attendance, AttendanceEvent, Status, User
from attendance.queries.excuses import ExcusedLecture
from attendance.services.register import Mark, mark_register

TEACHER = AttendanceEvent.Method.TEACHER


def excuse(
    *, excused: Sequence[ExcusedLecture], actor: User, reason: str, method: AttendanceEvent.Method = TEACHER
) -> int:
    """Mark these students excused in these lectures, all or none of it, and return how many marks that changed.

    Whoever is marked as having come in the meantime stays so.

    Raises:
        Refusal: a lecture was cancelled, or a student left its roster, meanwhile.
    """
    with transaction.atomic():
        return sum(_excuse_in(each, actor, reason, method) for each in excused)


def _excuse_in(each: ExcusedLecture, actor: User, reason: str, method: AttendanceEvent.Method) -> int:
    rows = {row.student_id: row for row in Attendance.objects.filter(lecture=each.lecture, student__in=each.students)}
    blank = Attendance(status="", version=0)
    marks = [
        Mark(student.pk, Status.EXCUSED, rows.get(student.pk, blank).version)
        for student in each.students
        if rows.get(student.pk, blank).status in ("", Status.ABSENT)
    ]
    return len(mark_register(lecture=each.lecture, actor=actor, marks=marks, reason=reason, method=method).changed)
