"""How long a mark in another process waits while the timetable of a faculty is imported."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from queue import SimpleQueue
from statistics import median
from typing import IO

from django.db import connection

from attendance import clock
from attendance.importers.bundle import open_bundle
from attendance.importers.sources import read_itc2019
from attendance.models import (
    Course,
    CourseStaff,
    Department,
    Enrolment,
    Import,
    Lecture,
    Offering,
    Organisation,
    Term,
    User,
)
from attendance.services.importing.applying import apply
from attendance.services.importing.preparing import begin, prepare
from attendance.services.importing.undoing import undo
from attendance.timetable.expansion import monday_of
from attendance.timetable.faculty import FacultyNames
from attendance.timetable.plan import PlannedTerm
from benchmarks.table import Row
from tests.servers.environment import PROJECT

_DATA = Path(os.environ.get("LUMINA_TEST_DATA", PROJECT.parent / "shared" / "data"))
WANTED = "2 s at most"


def rows() -> list[Row]:
    """Import muni-fsps-spr17 step by step, while another process marks a register all the time."""
    school, lecture = _school()
    with _marking(lecture) as waits:
        return [
            Row(
                f"Longest wait of a mark, {step}, {connection.vendor}",
                f"{max(found):.2f} s",
                f"{len(found)} marks, median {median(found) * 1000:.0f} ms",
                WANTED,
                f"the step takes {seconds:.1f} s",
            )
            for step, seconds, found in _steps(school, waits)
        ]


def _steps(school: Organisation, waits: "_Waits") -> Iterator[tuple[str, float, list[float]]]:
    bundle = open_bundle(_DATA / "itc2019" / "muni-fsps-spr17.xml")
    first_day = monday_of(clock.today(school.zone))
    term = PlannedTerm(name="Teaching term", first_day=first_day, weeks=1)
    names = FacultyNames(slug=school.slug, name=school.name, time_zone=school.time_zone, term=term)
    file = {"file_name": bundle.name, "file_hash": bundle.content_hash}
    started = begin(organisation=school, source=Import.Source.ITC2019, actor=None, **file)
    waits.taken()
    began = time.perf_counter()
    prepared = prepare(started=started, read=lambda: read_itc2019(bundle, names=names))
    yield "while a faculty is compared", time.perf_counter() - began, waits.taken()
    began = time.perf_counter()
    applied = apply(prepared=prepared, file_hash=bundle.content_hash, actor=None)
    yield "while a faculty is imported", time.perf_counter() - began, waits.taken()
    began = time.perf_counter()
    undo(applied=applied, actor=None)
    yield "while the import is undone", time.perf_counter() - began, waits.taken()


class _Waits:
    """What the other process tells: a line for each mark, the seconds that it took."""

    def __init__(self, lines: IO[str]) -> None:
        self._queue: SimpleQueue[float] = SimpleQueue()
        threading.Thread(target=self._listen, args=(lines,), daemon=True).start()

    def _listen(self, lines: IO[str]) -> None:
        for line in lines:
            self._queue.put(float(line))

    def taken(self) -> list[float]:
        """Return the waits since the last time, and the next one, which may be under way."""
        found = [self._queue.get(timeout=60)]
        while not self._queue.empty():
            found.append(self._queue.get())
        return [*found, self._queue.get(timeout=60)]


@contextmanager
def _marking(lecture: Lecture) -> Iterator[_Waits]:
    command = [sys.executable, "-m", "benchmarks.marking", str(lecture.pk)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 -- our own
        assert process.stdout is not None  # noqa: S101 -- it was asked for
        try:
            yield _Waits(process.stdout)
        finally:
            process.terminate()


def _school() -> tuple[Organisation, Lecture]:
    own = Organisation.objects.create(slug="waiting", name="Where others wait", time_zone="Europe/Prague")
    department = Department.objects.create(organisation=own, name="Waiting")
    today = clock.today(own.zone)
    days = {"first_day": today - timedelta(days=30), "last_day": today + timedelta(days=30)}
    term = Term.objects.create(organisation=own, name="Now", **days)
    course = Course.objects.create(organisation=own, department=department, code="WAIT", title="Waiting")
    offering = Offering.objects.create(organisation=own, course=course, term=term)
    people = {
        role: User.objects.create(organisation=own, role=role, username=f"waiting-{role}", family_name=role)
        for role in ("teacher", "student")
    }
    CourseStaff.objects.create(offering=offering, user=people["teacher"], duty="owner")
    Enrolment.objects.create(offering=offering, student=people["student"], roll_number="1")
    now = clock.now()
    lecture = Lecture.objects.create(
        organisation=own, offering=offering, starts_at=now, ends_at=now + timedelta(hours=1)
    )
    return own, lecture
