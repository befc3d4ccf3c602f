"""What is kept of the network a scan came from: yes, no or unknown, and a hash for thirty days."""

from datetime import timedelta

import pytest
import time_machine
from django.test import override_settings

from attendance import clock
from attendance.models import CheckInAttempt, Organisation
from attendance.services.attendance_sessions import open_session
from attendance.services.check_in import check_in
from attendance.services.networks import address_hash, delete_old_address_hashes, is_on_campus
from attendance.services.scans import Sender
from tests.cast import Campus
from tests.scans import scan

CAMPUS = ["192.0.2.0/24", "2001:db8::/32"]


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("192.0.2.17", True),
        ("192.0.3.17", False),
        ("::ffff:192.0.2.17", True),
        ("2001:db8:7::1", True),
        ("2001:db9::1", False),
        ("", None),
    ],
)
def test_inside_or_outside(address: str, inside: bool | None) -> None:
    assert is_on_campus(Organisation(campus_networks=CAMPUS), address) is inside


def test_where_no_networks_are_set_nothing_is_known() -> None:
    assert is_on_campus(Organisation(), "192.0.2.17") is None


def test_a_hash_tells_addresses_apart_and_not_what_they_are() -> None:
    here, there = Organisation(), Organisation()
    one, same, other = (address_hash(here, address) for address in ("192.0.2.17", "192.0.2.17", "192.0.2.18"))
    assert one == same != other
    assert address_hash(there, "192.0.2.17") != one
    with override_settings(SECRET_KEY="x" * 50):
        assert address_hash(here, "192.0.2.17") != one
    assert address_hash(here, "") == ""
    assert len(one) == 64


def test_a_scan_from_elsewhere_is_marked_and_not_refused(campus: Campus) -> None:
    Organisation.objects.filter(pk=campus.organisation.pk).update(campus_networks=CAMPUS)
    campus.amira.organisation.refresh_from_db()
    session = open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    attempt = check_in(student=campus.amira, claim=scan(session), sender=Sender(address="203.0.113.9"))
    assert (attempt.outcome, attempt.on_campus) == ("checked_in", False)
    assert attempt.address_hash == address_hash(campus.organisation, "203.0.113.9")


def test_hashes_go_after_thirty_days_with_the_next_check_in(campus: Campus) -> None:
    session = open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    sender = Sender(address="203.0.113.9")
    attempt = check_in(student=campus.amira, claim=scan(session), sender=sender)
    with time_machine.travel(attempt.received_at + timedelta(days=30, seconds=-1), tick=False):
        assert delete_old_address_hashes() == 0
    with time_machine.travel(attempt.received_at + timedelta(days=30), tick=False):
        newer = open_session(lecture=campus.lecture_at(clock.now()), actor=campus.ines, minutes=15)
        check_in(student=campus.amira, claim=scan(newer), sender=sender)
        assert delete_old_address_hashes() == 0
    assert [bool(each.address_hash) for each in CheckInAttempt.objects.order_by("pk")] == [False, True]
