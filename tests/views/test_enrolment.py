"""Enrolling oneself with a course code."""

import pytest
from django.http import HttpResponse
from django.test import Client

from attendance.services.enrolment import issue_code
from tests.cast import Campus, signed_in

UNKNOWN = "No course has this code now. Codes end; ask your teacher for the present one."


@pytest.fixture
def code(campus: Campus) -> str:
    return issue_code(offering=campus.offering, actor=campus.ines).enrolment_code


def send(browser: Client, code: str) -> HttpResponse:
    return browser.post("/courses/enrol/", {"code": code})


def test_the_code_leads_into_the_course(campus: Campus, code: str) -> None:
    omar = signed_in(campus.outsider)
    assert omar.get(f"/courses/{campus.offering.pk}/").status_code == 404
    response = send(omar, f"{code[:4].lower()} {code[4:]}")
    assert response["Location"] == f"/courses/{campus.offering.pk}/"
    page = omar.get(response["Location"])
    assert page.status_code == 200
    assert "You are in CS 204 Databases, roll number 0003." in page.content.decode()


def test_a_code_that_is_worth_nothing_says_what_to_do(campus: Campus, code: str) -> None:
    response = send(signed_in(campus.outsider), "ZZZZZZZZ")
    assert response.status_code == 422
    assert UNKNOWN in response.content.decode()
    assert "tries are left" not in response.content.decode()


def test_who_is_in_the_course_gets_the_way_to_it(campus: Campus, code: str) -> None:
    response = send(signed_in(campus.amira), code)
    assert response.status_code == 422
    assert "You are in CS 204 Databases already" in response.content.decode()
    assert f'href="/courses/{campus.offering.pk}/"' in response.content.decode()


def test_the_last_tries_are_counted_down_and_then_one_waits(campus: Campus, code: str) -> None:
    omar = signed_in(campus.outsider)
    answers = [send(omar, "ZZZZZZZZ").content.decode() for _time in range(10)]
    assert "3 tries are left." in answers[6]
    assert "0 tries are left." in answers[9]
    refused = send(omar, code)
    assert refused.status_code == 429
    assert "Too many codes were wrong. Try again at" in refused.content.decode()
    assert omar.get("/courses/enrol/").status_code == 200
    assert not campus.outsider.enrolments.exists()


@pytest.mark.parametrize(("typed", "sentence"), [("", "Type the code"), ("A" * 31, "longer than a code"), ("\x00", "")])
def test_what_is_no_code_is_refused(campus: Campus, typed: str, sentence: str) -> None:
    response = send(signed_in(campus.outsider), typed)
    assert response.status_code == 422
    assert sentence in response.content.decode()


@pytest.mark.parametrize("who", ["ines", "admin", "auditor"])
def test_the_page_is_for_students(campus: Campus, who: str) -> None:
    assert signed_in(getattr(campus, who)).get("/courses/enrol/").status_code == 404


def test_a_student_who_assists_in_the_course_is_told_why_not(campus: Campus, code: str) -> None:
    campus.offering.staff.create(user=campus.outsider, duty="assistant")
    response = send(signed_in(campus.outsider), code)
    assert "Omar Adeyemi works on this course and cannot be enrolled in it." in response.content.decode()
