"""One of several processes that write at once: `python -m tests.faults.writer LECTURE ACTOR STUDENT SHARED ROUNDS`.

Opens check-in, then marks its own student in each round without ever meeting anybody, and the shared student by reading
the row and trying again whenever somebody was faster. Prints how many marks of each it was told were saved.
"""

import sys

import django

django.setup()

from attendance.models import Attendance, Lecture, User  # noqa: E402 -- models need the setup
from attendance.services.attendance_sessions import open_session  # noqa: E402
from attendance.services.register import Mark, mark_register  # noqa: E402

STATUSES = ("present", "late", "absent", "excused", "remote")


def mark_until_saved(lecture: Lecture, actor: User, student_id: int, offset: int) -> int:
    """Give the student another status than the present one and return how many tries it took."""
    for tries in range(1, 10_000):
        row = Attendance.objects.filter(lecture=lecture, student=student_id).first() or Attendance(status="")
        status = STATUSES[(row.version + offset) % len(STATUSES)]
        if status == row.status:
            status = STATUSES[(row.version + offset + 1) % len(STATUSES)]
        marks = [Mark(student_id, status, row.version)]
        if mark_register(lecture=lecture, actor=actor, marks=marks).changed:
            return tries
    raise RuntimeError("never got through")


def main() -> None:
    lecture_id, actor_id, own, shared, rounds = map(int, sys.argv[1:])
    lecture = Lecture.objects.select_related("organisation").get(pk=lecture_id)
    actor = User.objects.get(pk=actor_id)
    session = open_session(lecture=lecture, actor=actor, minutes=15)
    for number in range(rounds):
        mark_until_saved(lecture, actor, own, number)
        mark_until_saved(lecture, actor, shared, own)
    sys.stdout.write(f"{session.pk} {rounds} {rounds}\n")


if __name__ == "__main__":
    main()
