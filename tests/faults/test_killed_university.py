"""A university whose making is killed at any stage is not there at all, and making it again completes it."""

import signal
import subprocess
import sys

from django.db import connection

from attendance.caching import schema
from attendance.caching.models import Horizon
from attendance.models import AttendanceEvent, Organisation, Room, User
from attendance.services.demo_university import counts_of
from attendance.timetable.made_up_university import SLUG
from tests.caching.outbox_rows import changes_after, last_row
from tests.faults.killed_university import SMALL


def make(environment: dict[str, str], stage: str = "") -> int:
    command = [sys.executable, "-m", "tests.faults.killed_university", stage]
    return subprocess.run(command, env=environment, timeout=120, check=False).returncode


def installed() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
            if connection.vendor == "postgresql"
            else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        )
        return {name for (name,) in cursor.fetchall()}


STAGES = ("people and timetable", "events", "requests")


def test_killed_it_is_not_there_and_the_next_run_completes_it(process_environment: dict[str, str]) -> None:
    triggers = installed()
    for stage in STAGES:
        assert make(process_environment, stage) == -signal.SIGKILL
        assert (Organisation.objects.count(), User.objects.count(), AttendanceEvent.objects.count()) == (0, 0, 0)
        assert installed() == triggers
        assert Horizon.objects.get().triggers == schema.fingerprint()
    assert make(process_environment) == 0
    university = Organisation.objects.get(slug=SLUG)
    counts = counts_of(university)
    assert (counts["students"], counts["courses"]) == (SMALL.students, SMALL.courses)
    assert counts["marks"] > 500
    assert installed() == triggers
    last = last_row()
    Room.objects.filter(organisation=university, meeting=None, lecture=None)[0].delete()
    assert {change.tag.partition("=")[0] for change in changes_after(last)} == {"room.id", "room.organisation"}
