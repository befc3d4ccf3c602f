"""Excusing many at once: seen first, done as seen, and never over somebody who came."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from attendance import clock
from attendance.models import Attendance, AttendanceEvent
from attendance.services.register import Mark, mark_register
from tests.cast import Campus, signed_in


@pytest.fixture
def kwame(campus: Campus) -> Client:
    return signed_in(campus.kwame)


def form(campus: Campus, **changes: str) -> dict[str, str]:
    today = clock.today(campus.organisation.zone)
    days = {"first_day": f"{campus.term.first_day}", "last_day": f"{today}"}
    return {"students": "0001, BILAL", "reason": "Excursion", **days} | changes


def address(campus: Campus) -> str:
    return reverse("excuse_create", args=[campus.offering.pk])


def marks() -> set[tuple[int, str, str]]:
    return set(Attendance.objects.exclude(status="").values_list("lecture", "student__username", "status"))


def test_it_is_shown_first_and_nothing_changes(campus: Campus, kwame: Client) -> None:
    page = kwame.post(address(campus), form(campus))
    assert [len(each.students) for each in page.context["preview"]] == [2]
    assert "Excuse 2 times" in page.content.decode()
    assert not AttendanceEvent.objects.exists()


def test_confirmed_it_excuses_blanks_and_absences_and_leaves_who_came(campus: Campus, kwame: Client) -> None:
    (before,) = campus.past_lectures(1)
    came = [Mark(campus.amira.pk, "late", 0), Mark(campus.bilal.pk, "absent", 0)]
    mark_register(lecture=before, actor=campus.ines, marks=came)
    page = kwame.post(address(campus), form(campus, confirmed="1"), follow=True).content.decode()
    assert "Excused 3 times." in page
    assert marks() == {
        (before.pk, "amira", "late"),
        (before.pk, "bilal", "excused"),
        (campus.lecture.pk, "amira", "excused"),
        (campus.lecture.pk, "bilal", "excused"),
    }
    assert all("Excursion" in event.body for event in AttendanceEvent.objects.filter(actor=campus.kwame))


def test_doing_it_twice_changes_nothing_more(campus: Campus, kwame: Client) -> None:
    kwame.post(address(campus), form(campus, confirmed="1"))
    events = AttendanceEvent.objects.count()
    page = kwame.post(address(campus), form(campus, confirmed="1"))
    assert "It changes nothing" in page.content.decode()
    assert AttendanceEvent.objects.count() == events == 2


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"students": "0001 omar 9999"}, "students", "Nobody in this course has: omar, 9999."),
        ({"students": "<script>"}, "students", "Nobody in this course has"),
        ({"students": "x" * 30_000}, "students", "at most 20000"),
        ({"last_day": "2001-01-01"}, "last_day", "Choose a later last day."),
        ({"first_day": "2001-01-01"}, "last_day", "At most 120 days"),
        ({"first_day": "soon"}, "first_day", "valid date"),
        ({"reason": ""}, "reason", "required"),
    ],
)
def test_what_does_not_do_is_refused_at_its_field(
    campus: Campus, kwame: Client, changes: dict[str, str], field: str, words: str
) -> None:
    response = kwame.post(address(campus), form(campus, confirmed="1", **changes))
    assert response.status_code == 422
    assert words in " ".join(response.context["form"].errors[field])
    assert not AttendanceEvent.objects.exists()


def test_the_number_of_queries_stays_when_the_lectures_double(
    campus: Campus, kwame: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    campus.past_lectures(2)
    with CaptureQueriesContext(connection) as few:
        kwame.post(address(campus), form(campus))
    campus.past_lectures(20)
    with django_assert_num_queries(len(few)):
        kwame.post(address(campus), form(campus))
    assert len(few) <= 15
