"""Six processes write at once, partly to the same row: no acknowledged mark is lost and none is doubled."""

import subprocess
import sys

from attendance.models import Attendance, AttendanceEvent, AttendanceSession
from tests.cast import Campus, enrol, person

PROCESSES = 6
ROUNDS = 25


def test_six_writers_lose_nothing(process_environment: dict[str, str], campus: Campus) -> None:
    own = [person(campus.organisation, f"w{number}", "student", f"Writer {number}") for number in range(PROCESSES)]
    for number, student in enumerate(own):
        enrol(campus.offering, student, f"2{number:03}")
    command = [sys.executable, "-m", "tests.faults.writer", str(campus.lecture.pk), str(campus.ines.pk)]
    writers = [
        subprocess.Popen(
            [*command, str(student.pk), str(campus.amira.pk), str(ROUNDS)],
            env=process_environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for student in own
    ]
    answers = [writer.communicate(timeout=240) for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * PROCESSES, answers
    sessions = {out.split()[0] for out, _error in answers}

    marks = AttendanceEvent.objects.filter(kind=AttendanceEvent.Kind.MARKED)
    assert {student: marks.filter(student=student).count() for student in own} == dict.fromkeys(own, ROUNDS)
    assert marks.filter(student=campus.amira).count() == PROCESSES * ROUNDS
    assert_chain(marks.filter(student=campus.amira), Attendance.objects.get(student=campus.amira))
    assert len(sessions) == AttendanceSession.objects.count() == 1
    assert AttendanceEvent.objects.filter(kind=AttendanceEvent.Kind.SESSION_OPENED).count() == 1


def assert_chain(events, row: Attendance) -> None:
    """Each event starts where the one before ended, and the row says what the last one says."""
    status = ""
    for event in events.order_by("pk"):
        assert event.from_status == status
        status = event.to_status
    assert (row.status, row.version, row.event) == (status, events.count(), events.order_by("pk").last())
