"""The nightly erasing of students, killed before the n-th one: `python -m tests.faults.killed_retention SLUG N`.

A child that kills itself with the signal that cannot be caught tidies nothing up.
"""

import os
import signal
import sys

import django

django.setup()

from attendance.models import Organisation  # noqa: E402 -- models need the setup
from attendance.services.retention import erase_past_record  # noqa: E402


def main(slug: str, last: int) -> None:
    def report(done: int, _of: int) -> None:
        if done == last:
            os.kill(os.getpid(), signal.SIGKILL)

    erase_past_record(organisation=Organisation.objects.get(slug=slug), report=report)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
