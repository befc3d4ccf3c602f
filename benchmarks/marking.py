"""A process that marks a register all the time and says how long it took: `python -m benchmarks.marking LECTURE`."""

import sys
import time

import django

django.setup()

from attendance.models import Attendance, Lecture, User  # noqa: E402 -- needs the setup
from attendance.services.register import Mark, mark_register  # noqa: E402

_PAUSE = 0.02


def main(lecture_id: int) -> None:
    """Mark one student present and late in turn until somebody ends the process."""
    lecture = Lecture.objects.select_related("organisation", "offering").get(pk=lecture_id)
    teacher, student = User.objects.get(username="waiting-teacher"), User.objects.get(username="waiting-student")
    while True:
        row = Attendance.objects.filter(lecture=lecture, student=student).first()
        status = "late" if row and row.status == "present" else "present"
        began = time.perf_counter()
        mark_register(lecture=lecture, actor=teacher, marks=[Mark(student.pk, status, row.version if row else 0)])
        sys.stdout.write(f"{time.perf_counter() - began}\n")
        sys.stdout.flush()
        time.sleep(_PAUSE)


if __name__ == "__main__":
    main(int(sys.argv[1]))
