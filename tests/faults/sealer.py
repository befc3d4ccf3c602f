"""A process that records or seals as fast as it can: `python -m tests.faults.sealer record|seal NUMBER LECTURE`."""

import sys

import django

django.setup()

from attendance import clock  # noqa: E402 -- models need the setup
from attendance.models import AttendanceEvent, Lecture  # noqa: E402
from attendance.services.events import EventDraft, record  # noqa: E402
from attendance.services.sealing import seal_all  # noqa: E402


def record_one(lecture: Lecture) -> None:
    actor = lecture.offering.staff.get(duty="owner").user
    kind, method = AttendanceEvent.Kind.SESSION_OPENED, AttendanceEvent.Method.TEACHER
    record([EventDraft(kind=kind, lecture=lecture, actor=actor, method=method, received_at=clock.now())])


def main(act: str, number: int, lecture_id: int) -> None:
    lecture = Lecture.objects.select_related("offering").get(pk=lecture_id)
    for _time in range(number):
        if act == "record":
            record_one(lecture)
        else:
            seal_all()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
