"""The way of a scan through the pages: a claim in a cookie, a login in between, one form, one answer."""

from collections.abc import Iterator
from datetime import timedelta
from http.cookies import Morsel

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import Traveller

from attendance import clock
from attendance.models import Attendance, AttendanceSession, CheckInAttempt, User
from attendance.queries.claims import unsealed
from attendance.services.attendance_sessions import close_session, open_session
from attendance.services.register import Mark, mark_register
from tests.cast import Campus, signed_in
from tests.scans import shown, typed_now
from tests.services.stored_rows import everything
from tests.sign_in.acts import log_in, with_password

SEND = "/check-in/"


@pytest.fixture
def time() -> Iterator[Traveller]:
    with time_machine.travel("2026-11-19 09:03:12+00:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def campus(time: Traveller, campus: Campus) -> Campus:
    """The campus of that morning: the lecture began at 08:58:12."""
    return campus


@pytest.fixture
def session(campus: Campus) -> AttendanceSession:
    return open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)


def scan(client: Client, session: AttendanceSession) -> Morsel[str]:
    """Scan what the projector shows, and return the cookie with the claim."""
    client.get(f"/C/{shown(session)}")
    return client.cookies["claim"]


def sentence(response) -> str:
    """What the page of a scan says below its heading."""
    return response.context["answer"].sentence


def test_two_requests_check_in(campus: Campus, session: AttendanceSession) -> None:
    browser = signed_in(campus.amira)
    form = browser.get(f"/C/{shown(session)}")
    assert b"Databases" in form.content and b"09:03:12" in form.content
    response = browser.post(SEND)
    assert response.status_code == 200
    for words in ("Present", "at 09:03:12", "Databases", "CS 204", "Hall B-12", "On time until 09:08."):
        assert words in response.content.decode(), words
    assert Attendance.objects.get().status == "present"


def test_looking_stores_nothing(campus: Campus, session: AttendanceSession) -> None:
    browser = signed_in(campus.amira)
    before = everything()
    code = shown(session)
    for address in (f"/C/{code}", f"/C/{code[:-1]}A", "/C/", "/C/nonsense", SEND, f"/c/{code}"):
        browser.get(address)
    assert everything() == before


@pytest.mark.parametrize("spell", [str.lower, str.upper])
def test_small_letters_lead_there_too(campus: Campus, session: AttendanceSession, spell) -> None:
    browser = signed_in(campus.amira)
    assert b"Databases" in browser.get(spell(f"/C/{shown(session)}"), follow=True).content
    assert browser.post(SEND).status_code == 200
    assert browser.get("/c/").url == "/C/"


def test_a_visitor_scans_first_and_logs_in_after(campus: Campus, session: AttendanceSession, time: Traveller) -> None:
    with_password(campus.amira)
    browser = Client()
    response = browser.get(f"/C/{shown(session)}", follow=True)
    assert b"Your scan is kept until 09:18:12. Log in to finish." in response.content
    assert response.redirect_chain == [(f"/login/?next={SEND}", 302)]
    time.shift(60)
    response = log_in(browser, "amira", next=SEND)
    assert response.url == SEND
    assert b"Scanned at 09:03:12" in browser.get(SEND).content
    response = browser.post(SEND)
    assert b"at 09:03:12" in response.content
    assert CheckInAttempt.objects.get().assurance == "kept"


def test_the_claim_is_signed_and_kept_from_scripts_and_other_pages(campus: Campus, session: AttendanceSession) -> None:
    cookie = scan(signed_in(campus.amira), session)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", SEND)
    assert cookie["max-age"] == 15 * 60
    claim = unsealed(cookie.value)
    assert claim is not None and (claim.session_id, claim.scanned_at) == (session.pk, clock.now())
    assert unsealed(cookie.value.replace(cookie.value[5], "_", 1)) is None


def test_a_tampered_claim_is_none(campus: Campus, session: AttendanceSession) -> None:
    browser = signed_in(campus.amira)
    browser.cookies["claim"] = scan(browser, session).value[:-2]
    response = browser.post(SEND, follow=True)
    assert b"This browser keeps no scan." in response.content
    assert not CheckInAttempt.objects.exists()


def test_sending_again_and_loading_the_answer_again_say_the_same(
    campus: Campus, session: AttendanceSession, time: Traveller
) -> None:
    browser = signed_in(campus.amira)
    scan(browser, session)
    browser.post(SEND)
    time.shift(200)
    again = browser.post(SEND)
    assert (again.status_code, sentence(again)) == (200, "at 09:03:12")
    page = browser.get(reverse("scan_show", args=[CheckInAttempt.objects.get().pk]))
    assert (page.status_code, sentence(page)) == (200, "at 09:03:12")


def test_a_second_scan_gets_the_answer_of_the_first(
    campus: Campus, session: AttendanceSession, time: Traveller
) -> None:
    browser = signed_in(campus.amira)
    scan(browser, session)
    browser.post(SEND)
    time.shift(30)
    scan(browser, session)
    response = browser.post(SEND)
    assert (response.status_code, sentence(response)) == (200, "You are already checked in, at 09:03:12.")


def test_a_copied_claim_does_not_check_a_friend_in(campus: Campus, session: AttendanceSession) -> None:
    amira, bilal = signed_in(campus.amira), signed_in(campus.bilal)
    bilal.cookies["claim"] = scan(amira, session).value
    amira.post(SEND)
    response = bilal.post(SEND)
    assert (response.status_code, sentence(response)) == (
        403,
        "Another account has sent this scan already. Scan the code on the projector yourself.",
    )


def test_a_photo_is_told_its_age_and_leads_to_a_claim(
    campus: Campus, session: AttendanceSession, time: Traveller
) -> None:
    browser, code = signed_in(campus.amira), shown(session)
    time.shift(14)
    browser.get(f"/C/{code}")
    response = browser.post(SEND)
    assert response.status_code == 410
    assert sentence(response) == (
        "This code is 14 seconds old. Codes live 9 seconds. Point the camera at the projector again."
    )
    claim = reverse("correction_create") + f"?scan={CheckInAttempt.objects.get().pk}"
    assert claim in response.content.decode()
    browser.post(claim, {"wanted_status": "present", "reason": "My camera is slow"})
    assert CheckInAttempt.objects.get().claim.reason == "My camera is slow"


def test_what_was_kept_too_long_says_so(campus: Campus, session: AttendanceSession, time: Traveller) -> None:
    browser = signed_in(campus.amira)
    scan(browser, session)
    time.shift(timedelta(minutes=15, seconds=1))
    response = browser.post(SEND)
    assert sentence(response) == (
        "Your scan of 09:03:12 was kept for 15 minutes, and they are over. Scan the code again."
    )


def test_what_was_kept_a_while_waits_for_the_teacher(
    campus: Campus, session: AttendanceSession, time: Traveller
) -> None:
    browser = signed_in(campus.amira)
    scan(browser, session)
    time.shift(timedelta(minutes=4, seconds=5))
    response = browser.post(SEND)
    assert response.status_code == 202
    assert sentence(response) == "It was sent 4 minutes after you scanned. Your teacher sees it and decides."


def test_whoever_is_marked_absent_is_not_told_that_the_scan_counted(campus: Campus, session: AttendanceSession) -> None:
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "absent", 0)])
    browser = signed_in(campus.amira)
    scan(browser, session)
    response = browser.post(SEND)
    assert (response.status_code, response.context["answer"].heading) == (202, "Your scan waits")
    assert sentence(response).startswith("You are marked otherwise in this lecture.")


def test_refusals_name_their_reason(campus: Campus, session: AttendanceSession, time: Traveller) -> None:
    browser = signed_in(campus.outsider)
    scan(browser, session)
    response = browser.post(SEND)
    assert (response.status_code, sentence(response)) == (
        403,
        "You are not in Databases (CS 204). If you should be, ask Ines Ferreira or enrol with a course code.",
    )
    assert reverse("enrolment_create") in response.content.decode()

    close_session(session=session, actor=campus.ines, mark_rest_absent=False)
    browser, code = signed_in(campus.amira), shown(session)
    time.shift(1)
    browser.get(f"/C/{code}")
    response = browser.post(SEND)
    assert (response.status_code, sentence(response)) == (
        410,
        "Check-in for Databases closed at 09:03. If you were there, file a claim.",
    )

    browser.get("/C/7AAAAAAAAAAAAAAAA")
    response = browser.post(SEND)
    assert (response.status_code, response.context["lecture"]) == (404, None)
    assert sentence(response).startswith("This is no code of a lecture.")


def test_staff_who_try_their_own_code_are_told_whose_it_is(campus: Campus, session: AttendanceSession) -> None:
    response = signed_in(campus.ines).get(f"/C/{shown(session)}", follow=True)
    assert b"Students check in with this code. You are logged in as staff." in response.content
    assert not CheckInAttempt.objects.exists()


def test_a_code_is_typed_in_the_back_row(campus: Campus, session: AttendanceSession) -> None:
    code = typed_now(session)
    response = signed_in(campus.amira).post("/C/", {"code": f"{code[:3].lower()} {code[3:]}"})
    assert (response.status_code, sentence(response)) == (200, "at 09:03:12")


def test_the_limit_of_wrong_codes_is_shown(campus: Campus, session: AttendanceSession) -> None:
    browser = signed_in(campus.amira)
    answers = [browser.post("/C/", {"code": "000000"}) for _time in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    first, last = (answers[at].context["form"].errors["code"][0] for at in (0, 5))
    assert first == "That code is not on the projector now. It changes every 30 seconds. 4 tries are left."
    assert last == (
        "Too many codes were wrong. Scan the code on the projector, or ask your teacher."
        " Try again at 11:03, in 120 minutes."
    )
    assert answers[5]["Retry-After"] == "7200"


@pytest.mark.parametrize("code", ["", "K7M4Q", "K7M-4QU", "x" * 31])
def test_what_cannot_be_a_code_counts_for_nothing(campus: Campus, session: AttendanceSession, code: str) -> None:
    assert signed_in(campus.amira).post("/C/", {"code": code}).status_code == 422
    assert not CheckInAttempt.objects.exists()


def test_a_scan_costs_few_queries_whatever_the_size_of_the_class(campus: Campus, session: AttendanceSession) -> None:
    def cost(student: User) -> tuple[int, int]:
        browser = signed_in(student)
        with CaptureQueriesContext(connection) as looking:
            scan(browser, session)
        with CaptureQueriesContext(connection) as sending:
            assert browser.post(SEND).status_code == 200
        return len(looking), len(sending)

    assert cost(campus.amira) == cost(campus.bilal) == (2, 9)


def test_a_scan_of_somebody_else_is_not_shown(campus: Campus, session: AttendanceSession) -> None:
    browser = signed_in(campus.amira)
    scan(browser, session)
    browser.post(SEND)
    address = reverse("scan_show", args=[CheckInAttempt.objects.get().pk])
    assert signed_in(campus.bilal).get(address).status_code == 404


@pytest.mark.parametrize("address", ["/C/", SEND])
def test_nothing_of_it_is_ever_kept(campus: Campus, session: AttendanceSession, address: str) -> None:
    response = signed_in(campus.amira).get(address)
    assert "no-store" in response["Cache-Control"]
