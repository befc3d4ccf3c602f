"""A process that erases a person's texts: `python -m tests.faults.eraser erase|slow|killed PERSON ACTOR`.

`erase` prints how many texts it took. `slow` prints the id of its event, and commits once it reads a line. `killed`
kills a child of its own before one statement after the other, and prints as JSON after each try whether the child died,
how many texts were gone and how many events said so, until they were.
"""

import json
import sys

import django

django.setup()

from django.db import transaction  # noqa: E402 -- models need the setup

from attendance import clock  # noqa: E402
from attendance.models import AttendanceEvent, User  # noqa: E402
from attendance.services.erased_texts import ErasureReason, erase_texts  # noqa: E402
from tests.faults.killed_import import in_a_child  # noqa: E402


def erase(person: User, actor: User) -> AttendanceEvent:
    return erase_texts(person=person, actor=actor, why=ErasureReason.ASKED, moment=clock.now())


def slow(person: User, actor: User) -> None:
    with transaction.atomic():
        sys.stdout.write(f"{erase(person, actor).pk}\n")
        sys.stdout.flush()
        sys.stdin.readline()


def killed(person: User, actor: User) -> list[tuple[bool, int, int]]:
    found = []
    for number in range(1, 100):
        died = in_a_child(lambda: erase(person, actor), number)
        gone = AttendanceEvent.objects.filter(body=None, salt=None, erased_by__isnull=False).count()
        found.append((died, gone, AttendanceEvent.objects.filter(kind="person_erased").count()))
        if gone or not died:
            break
    return found


def main(act: str, person: int, actor: int) -> None:
    who, by = User.objects.get(pk=person), User.objects.get(pk=actor)
    if act == "slow":
        slow(who, by)
    elif act == "killed":
        sys.stdout.write(json.dumps(killed(who, by)))
    else:
        sys.stdout.write(str(json.loads(erase(who, by).body or "")["events"]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
