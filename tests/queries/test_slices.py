from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance.models import AttendanceEvent, Department, Lecture, Room, User
from attendance.queries.events import events_found
from attendance.queries.lectures import with_state
from attendance.queries.slices import rows_between
from attendance.queries.sorting import ordered
from attendance.views.paging import PagesOfKeys
from tests.models.institution import MONDAY_NINE, Institution, found_institution, lecture


@pytest.fixture
def uppsala(db: None) -> Institution:
    """A university with ten more lectures, an hour each."""
    found = found_institution()
    for number in range(10):
        start = MONDAY_NINE + timedelta(days=1, hours=number)
        lecture(found.offering, starts_at=start, ends_at=start + timedelta(hours=1))
    return found


def test_a_stretch_is_what_slicing_gives_with_all_that_was_asked_for(uppsala: Institution) -> None:
    lectures = with_state(Lecture.objects.all()).order_by("-starts_at", "-pk")
    for begin, end in ((0, 5), (5, 10), (10, 15), (12, 20)):
        with CaptureQueriesContext(connection) as queries:
            found = rows_between(lectures, begin, end)
            assert [each.offering.course.code for each in found] == ["BIO1"] * len(found)
        assert [(each.pk, each.is_taken) for each in found] == [
            (each.pk, each.is_taken) for each in lectures[begin:end]
        ]
        assert len(queries) == (2 if found else 1)


def test_pages_are_those_of_a_list_of_all_rows(uppsala: Institution) -> None:
    rooms = Room.objects.bulk_create(
        Room(organisation=uppsala.organisation, name=f"Room {number:02}") for number in range(23)
    )
    pages = PagesOfKeys(Room.objects.order_by("name"), 10)
    assert [[room.pk for room in pages.get_page(number)] for number in (1, 2, 3)] == [
        [room.pk for room in rooms[begin : begin + 10]] for begin in (0, 10, 20)
    ]
    last = pages.get_page("1000")
    assert (last.number, len(last), last.has_next(), last.start_index()) == (3, 3, False, 21)
    assert pages.count == 23


def test_rows_without_a_value_come_last_both_ways(uppsala: Institution) -> None:
    User.objects.filter(pk=uppsala.ben.pk).update(department=Department.objects.get())
    for sort in ("department", "-department"):
        found = ordered(User.objects.filter(role="student"), {"department": ("department__name", "pk")}, sort)
        assert next(iter(found)) == uppsala.ben


def test_an_index_can_be_read_backwards_for_the_latest_events(uppsala: Institution) -> None:
    found = events_found([uppsala.organisation.pk], search="", kind="", day=None, zone_of=uppsala.organisation)
    assert found.model is AttendanceEvent
    assert "NULLS" not in str(found.query), "where a sort says so, PostgreSQL reads a million events to show fifty"
