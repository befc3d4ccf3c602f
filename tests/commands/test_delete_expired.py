"""`manage.py delete_expired`: what is kept for a time only goes when the time is over."""

from datetime import timedelta
from io import StringIO

import time_machine
from django.core.management import call_command

from attendance.models import AttendanceSession, CheckInAttempt
from attendance.services.attendance_sessions import open_session
from attendance.services.check_in import check_in
from attendance.services.scans import Sender
from tests.cast import Campus
from tests.scans import scan


def said() -> str:
    out = StringIO()
    call_command("delete_expired", stdout=out)
    return out.getvalue().splitlines()[-1]


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
