"""Erasing students that is killed between two of them leaves nobody half erased, and the next run goes on."""

import signal
import subprocess
import sys
from datetime import timedelta
from io import StringIO

from django.core.management import call_command

from attendance import clock
from attendance.models import AttendanceEvent, User
from attendance.services.register import Mark, mark_register
from tests.cast import Campus, enrol, person


def run(environment: dict[str, str], campus: Campus, last: int) -> int:
    command = [sys.executable, "-m", "tests.faults.killed_retention", campus.organisation.slug, str(last)]
    return subprocess.run(command, env=environment, timeout=120, check=False).returncode


def test_the_next_run_goes_on_where_it_was_killed(process_environment: dict[str, str], campus: Campus) -> None:
    students = [person(campus.organisation, f"s{number}", "student", f"Student {number}") for number in range(4)]
    for number, student in enumerate(students):
        enrol(campus.offering, student, f"1{number}")
    marks = [Mark(student.pk, "late", 0) for student in students]
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=marks, reason="the bus")
    _let_the_term_be_long_over(campus)

    assert run(process_environment, campus, 3) == -signal.SIGKILL
    gone = User.objects.exclude(erased_at=None)
    assert gone.count() == 3
    for each in User.objects.filter(erased_at=None, role="student"):
        assert each.number
    texts = AttendanceEvent.objects.filter(student__in=students)
    assert {(each.body is None) for each in texts.filter(student__in=gone)} == {True}
    assert {(each.body is None) for each in texts.exclude(student__in=gone)} == {False}

    assert run(process_environment, campus, 99) == 0
    assert gone.count() == 6
    assert not texts.filter(body__isnull=False).exists()
    call_command("verify_ledger", stdout=StringIO())


def _let_the_term_be_long_over(campus: Campus) -> None:
    campus.organisation.record_years = 1
    campus.organisation.save()
    today = clock.today(campus.organisation.zone)
    campus.term.first_day, campus.term.last_day = today - timedelta(days=500), today - timedelta(days=400)
    campus.term.save()
