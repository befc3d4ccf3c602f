"""`manage.py delete_expired`: what is kept for a time only goes when the time is over."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from attendance import clock
from attendance.models import (
    Activation,
    AttendanceSession,
    CheckInAttempt,
    Invitation,
    LoginSession,
    Throttle,
    User,
)
from attendance.services.attendance_sessions import open_session
from attendance.services.check_in import check_in
from attendance.services.invitations import invite
from attendance.services.scans import Sender
from tests.cast import Campus, signed_in
from tests.scans import scan


def lines(**options: Any) -> list[str]:
    out = StringIO()
    call_command("delete_expired", stdout=out, **options)
    return out.getvalue().splitlines()


def said() -> str:
    return lines()[-1]


def test_keys_go_after_a_day_and_hashes_after_thirty(campus: Campus) -> None:
    session = open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    attempt = check_in(student=campus.amira, claim=scan(session), sender=Sender(address="203.0.113.9"))
    assert said() == "Deleted the keys of 0 check-ins and 0 hashes of addresses."
    with time_machine.travel(session.ends_at + timedelta(days=1), tick=False):
        assert said() == "Deleted the keys of 1 check-ins and 0 hashes of addresses."
    with time_machine.travel(attempt.received_at + timedelta(days=30), tick=False):
        assert said() == "Deleted the keys of 0 check-ins and 1 hashes of addresses."
    assert AttendanceSession.objects.get().key is None
    assert CheckInAttempt.objects.get().address_hash == ""


def test_sessions_counters_and_links_go_when_their_time_is_over(campus: Campus) -> None:
    moment = clock.now()
    signed_in(campus.amira)
    LoginSession.objects.update(expire_date=moment + timedelta(hours=12))
    for purpose, account in (("login", "id:1"), ("enrol", "id:2")):
        Throttle.objects.create(purpose=purpose, account=account, address="192.0.2.1", since=moment)
    invite(organisation=campus.organisation, email="n@x.example", role=User.Role.TEACHER, invited_by=campus.admin)
    Activation.objects.create(
        user=campus.bilal,
        kind=Activation.Kind.CODE,
        secret_hash="1" * 64,
        created_by=campus.admin,
        expires_at=moment + timedelta(days=7),
    )

    def deleted(later: timedelta) -> str:
        with time_machine.travel(moment + later, tick=False):
            return lines()[-2]

    assert deleted(timedelta(minutes=14)).startswith("Deleted 0 sessions of browsers, 0 counters")
    assert deleted(timedelta(minutes=16)).startswith("Deleted 0 sessions of browsers, 1 counters")
    assert deleted(timedelta(hours=13)).startswith("Deleted 1 sessions of browsers, 1 counters of failures and 0 old")
    assert deleted(timedelta(days=96)).endswith("and 0 old links.")
    assert deleted(timedelta(days=98)).endswith("and 2 old links.")
    assert not (LoginSession.objects.exists() or Invitation.objects.exists() or Throttle.objects.exists())


@pytest.fixture
def long_over(campus: Campus) -> Campus:
    """Amira and Bilal were last enrolled more than a year ago, and records are kept for one."""
    campus.organisation.record_years = 1
    campus.organisation.save()
    today = clock.today(campus.organisation.zone)
    campus.term.first_day, campus.term.last_day = today - timedelta(days=500), today - timedelta(days=400)
    campus.term.save()
    return campus


def test_a_dry_run_counts_and_does_nothing(long_over: Campus) -> None:
    Throttle.objects.create(purpose="login", account="x", address="192.0.2.1", since=clock.now() - timedelta(days=1))
    [line] = lines(dry_run=True)
    assert line.startswith("aldermoor: 2 students left before ") and line.endswith(" and would be erased.")
    assert not User.objects.exclude(erased_at=None).exists()
    assert Throttle.objects.exists()


def test_students_whose_time_is_over_are_erased_and_not_named(long_over: Campus) -> None:
    out = "\n".join(lines())
    assert "aldermoor: erased 2 students." in out
    assert "Amira" not in out and "amira" not in out
    assert User.objects.exclude(erased_at=None).count() == 2
    assert "aldermoor: erased 0 students." in "\n".join(lines())
