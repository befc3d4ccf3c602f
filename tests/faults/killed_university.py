"""The making of a university, killed at one of its stages: `python -m tests.faults.killed_university STAGE`.

The stages are those it reports; without one it comes to its end. A child that kills itself with the signal that cannot
be caught tidies nothing up.
"""

import os
import signal
import sys

import django

django.setup()

from attendance.services.demo_university import make_university  # noqa: E402 -- models need the setup
from attendance.timetable.made_up_university import Size  # noqa: E402

SMALL = Size(departments=3, rooms=20, courses=8, teachers=4, students=40, large_class=20)


def main(stage: str) -> None:
    def report(what: str, done: int, _total: int) -> None:
        if what == stage and (done or what != "events"):
            os.kill(os.getpid(), signal.SIGKILL)

    make_university(size=SMALL, report=report)


if __name__ == "__main__":
    main(sys.argv[1])
