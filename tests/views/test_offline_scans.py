"""The address that takes scans which were kept without a network."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from attendance import clock
from attendance.models import AttendanceSession, CheckInAttempt
from attendance.services.attendance_sessions import open_session
from attendance.services.check_in import OfflineScan
from tests.cast import Campus, signed_in
from tests.phones import Phone
from tests.scans import shown
from tests.services.stored_rows import everything

SEND = "/check-in/offline/"


@pytest.fixture
def time() -> Iterator[Traveller]:
    with time_machine.travel("2026-11-19 09:03:12+00:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def campus(time: Traveller, campus: Campus) -> Campus:
    """The campus of that morning."""
    return campus


@pytest.fixture
def session(campus: Campus) -> AttendanceSession:
    return open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)


def kept(session: AttendanceSession) -> dict[str, str]:
    """Return what a device keeps that scans the projector now."""
    return {"code": shown(session), "scanned_at": f"{clock.now().timestamp() * 1000:.0f}", "nonce": str(uuid.uuid4())}


def test_a_kept_scan_is_answered_in_words(campus: Campus, session: AttendanceSession, time: Traveller) -> None:
    scan, phone = kept(session), Phone()
    signed = OfflineScan(scan["code"], clock.now(), uuid.UUID(scan["nonce"])).signed
    sent = {**scan, "device": phone.device, "signature": phone.signature(campus.amira, signed)}
    time.shift(timedelta(hours=2))
    response = signed_in(campus.amira).post(SEND, sent)
    attempt = CheckInAttempt.objects.get()
    assert response.status_code == 202
    assert response.json() == {
        "outcome": "pending",
        "sentence": "You scanned without a network. Your teacher sees the scan and how long it took, and decides.",
        "lecture": "Databases",
        "href": reverse("scan_show", args=[attempt.pk]),
    }
    assert attempt.device_proof == "new"
    again = signed_in(campus.amira).post(SEND, sent)
    assert (again.status_code, again.json()) == (202, response.json())


def test_the_teacher_sees_the_gap_and_that_the_clock_is_the_devices_word(
    campus: Campus, session: AttendanceSession, time: Traveller
) -> None:
    scan = kept(session)
    time.shift(timedelta(hours=2, minutes=9))
    signed_in(campus.amira).post(SEND, scan)
    page = signed_in(campus.ines).get(reverse("lecture_live", args=[campus.lecture.pk])).content.decode()
    assert "Without a network: the code of 09:03:12 arrived 2 hours later." in page
    assert "The device says it scanned at 19 Nov 09:03:12; only its word." in page
    assert "device not known" in page


def test_what_is_over_says_so(campus: Campus, session: AttendanceSession, time: Traveller) -> None:
    scan = kept(session)
    time.shift(timedelta(hours=24, seconds=1))
    response = signed_in(campus.amira).post(SEND, scan)
    assert (response.status_code, response.json()["sentence"]) == (
        410,
        "Your scan of 09:03:12 was kept for more than 24 hours. If you were there, file a claim.",
    )


@pytest.mark.parametrize(
    "wrong", [{"nonce": "1"}, {"scanned_at": "soon"}, {"scanned_at": "-1"}, {"code": ""}, {"code": "A" * 41}]
)
def test_what_is_no_scan_leaves_nothing(campus: Campus, session: AttendanceSession, wrong: dict[str, str]) -> None:
    amira = signed_in(campus.amira)
    before = everything()
    response = amira.post(SEND, {**kept(session), **wrong})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "no_scan")
    assert everything() == before


def test_visitors_log_in_first_and_staff_find_nothing(campus: Campus, session: AttendanceSession) -> None:
    assert Client().post(SEND, kept(session)).status_code == 401
    assert signed_in(campus.ines).post(SEND, kept(session)).status_code == 404
    assert signed_in(campus.amira).get(SEND).status_code == 405
