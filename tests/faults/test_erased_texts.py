"""Erasing texts with real processes: killed at every statement, two at once, and beside the sequencer."""

import json
import subprocess
import sys

from django.core.management import call_command
from django.db import connection

from attendance.models import AttendanceEvent, LedgerEntry, User
from attendance.services.sealing import seal, seal_all
from tests.cast import Campus
from tests.ledger.stage import mark, sealed_block

TEXTS = 60


def process(environment: dict[str, str], campus: Campus, act: str, person: User) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.faults.eraser", act, str(person.pk), str(campus.admin.pk)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def answer(of: "subprocess.Popen[str]", said: str = "") -> str:
    output, errors = of.communicate(said, timeout=240)
    assert of.returncode == 0, errors
    return output


def texts_of(person: User) -> int:
    return AttendanceEvent.objects.filter(student=person).exclude(body=None).count()


def test_killed_at_any_statement_all_texts_are_gone_or_none(
    process_environment: dict[str, str], campus: Campus
) -> None:
    sealed_block(campus, campus.amira, campus.bilal, campus.amira)
    mark(campus, campus.amira)
    tries = json.loads(answer(process(process_environment, campus, "killed", campus.amira)))
    assert len(tries) > 4 and tries[-1][1:] == [3, 1]
    assert all(each == [True, 0, 0] for each in tries[:-1])
    seal_all()
    call_command("verify_ledger", verbosity=0)


def test_of_two_who_erase_the_same_person_at_once_one_takes_all_texts(
    process_environment: dict[str, str], campus: Campus
) -> None:
    for _time in range(TEXTS):
        mark(campus, campus.amira)
        mark(campus, campus.bilal)
    at_once = [
        process(process_environment, campus, "erase", each) for each in (campus.amira, campus.amira, campus.bilal)
    ]
    seal_all()
    *same, other = [int(answer(each)) for each in at_once]
    assert (sorted(same), other) == ([0, TEXTS], TEXTS)
    assert texts_of(campus.amira) == texts_of(campus.bilal) == 0
    seal_all()
    assert LedgerEntry.objects.count() == 2 * TEXTS + 3
    call_command("verify_ledger", verbosity=0)


def test_an_erasure_that_commits_late_is_sealed_late(process_environment: dict[str, str], campus: Campus) -> None:
    """Its id is lower than those of events that are sealed before it can be seen."""
    if connection.vendor == "sqlite":
        return  # There is one writer at a time, so ids appear in their order.
    sealed_block(campus, campus.amira, campus.bilal)
    mark(campus, campus.amira)
    slow = process(process_environment, campus, "slow", campus.amira)
    assert slow.stdout is not None
    erasure = int(slow.stdout.readline())
    second = process(process_environment, campus, "erase", campus.amira)
    meanwhile = sealed_block(campus, campus.bilal)
    assert meanwhile.size == 4 and meanwhile.events_through < erasure
    assert texts_of(campus.amira) == 2
    call_command("verify_ledger", verbosity=0)
    answer(slow, "\n")
    assert answer(second) == "0" and texts_of(campus.amira) == 0
    call_command("verify_ledger", verbosity=0)
    assert seal() is not None
    assert LedgerEntry.objects.get(event=erasure).index >= 4
    call_command("verify_ledger", verbosity=0)
