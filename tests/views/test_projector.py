"""The projector's page: what it shows, what it is told ahead, and that nobody else gets it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from time_machine import Traveller

from attendance import clock
from attendance.models import AttendanceSession, CheckInAttempt
from attendance.qr.image import Drawing
from attendance.queries.claims import claim_of
from attendance.services.attendance_sessions import close_session, open_session
from attendance.services.check_in import check_in, check_in_typed
from attendance.services.register import Mark, mark_register
from tests.cast import Campus, enrol, person, signed_in
from tests.qr.decoder import picture_of, texts_in
from tests.scans import scan


@pytest.fixture
def time() -> Iterator[Traveller]:
    with time_machine.travel("2026-11-19 09:03:13+00:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def campus(time: Traveller, campus: Campus) -> Campus:
    """The campus of that morning, a second after a step began."""
    return campus


@pytest.fixture
def session(campus: Campus) -> AttendanceSession:
    return open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)


def page_of(campus: Campus) -> str:
    return reverse("projector_show", args=[campus.lecture.pk])


def told(campus: Campus) -> dict[str, Any]:
    return dict(signed_in(campus.ines).get(reverse("projector_codes", args=[campus.lecture.pk])).json())


def code_in(told_code: dict[str, Any]) -> str:
    """Read a code as a camera does: from its picture."""
    [address] = texts_in(picture_of(Drawing(told_code["side"], told_code["path"])))
    assert address.startswith("HTTP://TESTSERVER/C/")
    return address.removeprefix("HTTP://TESTSERVER/C/")


def test_the_page_shows_lecture_code_and_heads(campus: Campus, session: AttendanceSession) -> None:
    check_in(student=campus.amira, claim=scan(session))
    response = signed_in(campus.ines).get(page_of(campus))
    page = response.content.decode()
    for words in ("Databases", "CS 204", "Hall B-12", "Ines Ferreira", "testserver/c", "closes at 09:18", "from 09:08"):
        assert words in page, words
    assert "<b>1</b> of <span>2</span> checked in" in page
    assert (page.count('class="on"'), page.count('class="off"')) == (1, 1)
    assert response.context["code"].drawing.path in page


def test_five_codes_are_told_with_the_time_they_have(campus: Campus, session: AttendanceSession) -> None:
    times = [(code["begins_in"], code["ends_in"]) for code in told(campus)["codes"]]
    assert times == [(0, 2000), (2000, 5000), (5000, 8000), (8000, 11000), (11000, 14000)]


def test_each_code_checks_in_once_its_time_has_come_and_not_before(
    campus: Campus, session: AttendanceSession, time: Traveller
) -> None:
    codes = told(campus)["codes"]
    for number, code in enumerate(codes):
        student = person(campus.organisation, f"s{number}", "student", f"Student {number}")
        enrol(campus.offering, student, f"1{number:03}")
        following = codes[number + 1 :]
        assert [claim_of(code_in(each))[0].session_id for each in following] == [None] * len(following)
        assert check_in(student=student, claim=claim_of(code_in(code))[0]).outcome == "checked_in"
        time.shift(3)


def test_the_typed_code_is_the_one_of_the_moment_it_is_shown(
    campus: Campus, session: AttendanceSession, time: Traveller
) -> None:
    time.move_to("2026-11-19 09:03:28+00:00")
    codes = told(campus)["codes"]
    assert codes[0]["typed"] != codes[1]["typed"] == codes[4]["typed"]
    for code, student in ((codes[0], campus.amira), (codes[1], campus.bilal)):
        assert check_in_typed(student=student, code=code["typed"]).attempt.outcome == "checked_in"
        time.shift(3)


def test_the_number_of_heads_follows(campus: Campus, session: AttendanceSession) -> None:
    counted = []
    for student in (campus.amira, campus.bilal):
        counted.append((told(campus)["here"], told(campus)["expected"]))
        check_in(student=student, claim=scan(session))
    counted.append((told(campus)["here"], told(campus)["expected"]))
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.bilal.pk, "absent", 1)])
    counted.append((told(campus)["here"], told(campus)["expected"]))
    assert counted == [(0, 2), (1, 2), (2, 2), (1, 2)]


def test_codes_end_with_the_check_in(campus: Campus, session: AttendanceSession, time: Traveller) -> None:
    time.move_to(session.ends_at - timedelta(seconds=4))
    assert [code["begins_in"] for code in told(campus)["codes"]] == [0, 3000]
    time.move_to(session.ends_at)
    assert told(campus)["codes"] == []
    response = signed_in(campus.ines).get(page_of(campus), follow=True)
    assert b"Check-in is not open for this lecture." in response.content


def test_a_closed_check_in_shows_none(campus: Campus, session: AttendanceSession) -> None:
    close_session(session=session, actor=campus.ines, mark_rest_absent=False)
    assert told(campus)["codes"] == []


def test_a_session_without_a_key_shows_none(campus: Campus, session: AttendanceSession) -> None:
    AttendanceSession.objects.update(key=None)
    assert told(campus)["codes"] == []


def test_nothing_of_it_is_ever_kept(campus: Campus, session: AttendanceSession) -> None:
    for name in ("projector_show", "projector_codes"):
        response = signed_in(campus.ines).get(reverse(name, args=[campus.lecture.pk]))
        assert "no-store" in response["Cache-Control"]


def test_the_way_there_leads_over_the_lecture(campus: Campus, session: AttendanceSession) -> None:
    live = reverse("lecture_live", args=[campus.lecture.pk])
    assert page_of(campus) in signed_in(campus.ines).get(live).content.decode()
    assert page_of(campus) not in signed_in(campus.amira).get(live).content.decode()


def test_a_scan_that_waits_is_answered_on_the_lectures_page(
    campus: Campus, session: AttendanceSession, time: Traveller
) -> None:
    claim = scan(session)
    time.shift(200)
    check_in(student=campus.amira, claim=claim)
    teacher, live = signed_in(campus.ines), reverse("lecture_live", args=[campus.lecture.pk])
    page = teacher.get(live).content.decode()
    assert "Scans that wait for you" in page and "Scanned at 09:03:13, sent at 09:06:33." in page
    form = {f"seen-{campus.amira.pk}": ".0", f"status-{campus.amira.pk}": "present"}
    assert teacher.post(reverse("register_edit", args=[campus.lecture.pk]), form).status_code == 302
    assert "Scans that wait for you" not in teacher.get(live).content.decode()
    assert CheckInAttempt.objects.get().outcome == "pending"


def test_the_key_stands_on_no_page(campus: Campus, session: AttendanceSession) -> None:
    type(campus.admin).objects.filter(pk=campus.admin.pk).update(is_superuser=True)
    key = bytes(session.key or b"")
    for address in (page_of(campus), f"/admin/attendance/attendancesession/{session.pk}/change/"):
        content = signed_in(campus.admin).get(address).content.decode()
        assert key.hex() not in content and repr(key)[2:-1] not in content
    assert clock.now() < session.ends_at
