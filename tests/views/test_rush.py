"""What a check-in costs, by count: queries, round trips to Redis, and pages that are made anew because of it."""

import socket
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance.caching import counters, figures, rounds
from attendance.caching.near import near
from attendance.models import Attendance, AttendanceSession, CheckInAttempt, User
from attendance.services.attendance_sessions import open_session
from tests.caching.conftest import Trips, calm, trips
from tests.cast import Campus, enrol, person, signed_in
from tests.scans import shown

__all__ = ["calm", "trips"]
SEND = "/check-in/"
LOOKED_AT = ("/dashboard/", "/courses/")


@pytest.fixture
def session(transactional_db: None, calm: None, campus: Campus) -> AttendanceSession:
    """A check-in that is open, rows that are committed, and a cache that may answer."""
    near.drop()
    opened = open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    assert rounds.run_now()
    return opened


def students_of(campus: Campus, number: int) -> list[User]:
    """That many more students of the course."""
    students = [person(campus.organisation, f"rush{n}", "student", f"Rush {n}") for n in range(number)]
    for place, student in enumerate(students):
        enrol(campus.offering, student, f"{100 + place:04}")
    return students


def asked(browser: Client, method: str, address: str) -> list[str]:
    """Send a request, and return the statements it took."""
    with CaptureQueriesContext(connection) as queries:
        assert getattr(browser, method)(address).status_code in (200, 302)
    return [query["sql"].split()[0] for query in queries]


@pytest.mark.parametrize("known", [True, False])
def test_a_check_in_takes_two_queries_and_seven(campus: Campus, session: AttendanceSession, known: bool) -> None:
    browser = signed_in(campus.amira)
    if known:
        for _time in range(2):
            browser.get("/dashboard/")
    assert asked(browser, "get", f"/C/{shown(session)}") == ["SELECT"] * 2
    statements = Counter(asked(browser, "post", SEND))
    # SQLite asks its outbox as well, because nobody tells it what was dirtied.
    assert statements["SELECT"] == (4 if connection.vendor == "postgresql" else 5)
    assert statements["INSERT"] == 3
    assert set(statements) == {"SELECT", "BEGIN", "INSERT", "COMMIT"}


def test_a_visitor_who_scans_takes_one_query(campus: Campus, session: AttendanceSession) -> None:
    assert asked(Client(), "get", f"/C/{shown(session)}") == ["SELECT"]


def test_a_scan_takes_no_trip_to_redis_and_its_form_one(
    campus: Campus, session: AttendanceSession, trips: Trips
) -> None:
    browser = signed_in(campus.amira)
    trips.clear()
    browser.get(f"/C/{shown(session)}")
    assert len(trips) == 0
    browser.post(SEND)
    assert len(trips) == 1


def test_a_check_in_talks_to_nobody_but_redis(
    campus: Campus, session: AttendanceSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[Any] = []
    connect = socket.socket.connect
    monkeypatch.setattr(socket.socket, "connect", lambda line, to: (called.append(to), connect(line, to))[1])
    browser = signed_in(campus.amira)
    browser.get(f"/C/{shown(session)}")
    assert browser.post(SEND).status_code == 200
    redis = urlsplit(settings.REDIS_URL)
    assert {to[:2] for to in called} <= {(redis.hostname, redis.port)}


def test_many_check_ins_make_no_page_anew_that_does_not_show_them(campus: Campus, session: AttendanceSession) -> None:
    """Teacher and classmates look at their pages after each check-in: no storm, whatever the number of scans."""
    students, lecture = students_of(campus, 12), reverse("lecture_show", args=[campus.lecture.pk])
    readers = {name: signed_in(getattr(campus, name)) for name in ("ines", "kwame", "bilal", "admin")}

    def look() -> None:
        for browser in readers.values():
            for address in (*LOOKED_AT, lecture):
                assert browser.get(address).status_code == 200

    browser = signed_in(campus.amira)
    browser.get(f"/C/{shown(session)}")
    browser.post(SEND)  # The first mark of a lecture is news: it was taken.
    for _time in range(3):
        look()
    counters.tally.take()
    for student in students:
        phone = signed_in(student)
        phone.get(f"/C/{shown(session)}")
        assert phone.post(SEND).status_code == 200
        look()
    made = {each.resource: sum(each.misses.values()) for each in figures.resource_figures(organisation=None)}
    assert Attendance.objects.count() == CheckInAttempt.objects.count() == len(students) + 1
    assert {name: number for name, number in made.items() if number} == {}


def test_the_page_that_shows_a_check_in_is_made_anew_once(campus: Campus, session: AttendanceSession) -> None:
    """The course page of a teacher counts marks: once for each change, however often it is looked at."""
    students, page = students_of(campus, 5), reverse("course_show", args=[campus.offering.pk])
    teacher = signed_in(campus.ines)
    for _time in range(3):
        teacher.get(page)
    counters.tally.take()
    for student in students:
        phone = signed_in(student)
        phone.get(f"/C/{shown(session)}")
        assert phone.post(SEND).status_code == 200
        for _time in range(4):
            assert teacher.get(page).status_code == 200
    [course] = [each for each in figures.resource_figures(organisation=None) if each.resource == "course_detail"]
    assert (sum(course.misses.values()), course.hits) == (5, 15)
