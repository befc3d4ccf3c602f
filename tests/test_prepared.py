"""Queries that Django works out once: they find what the query itself finds, for any values and on any thread."""

from collections.abc import Callable
from datetime import date, timedelta
from threading import Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance import clock
from attendance.models import Attendance, AttendanceSession, Enrolment, Lecture, LoginSession, Room, User
from attendance.prepared import Prepared
from attendance.queries.claims import session_numbered
from attendance.queries.rosters import is_expected, roster_of
from attendance.services.attendance_sessions import open_session
from tests.cast import Campus, signed_in

ROOMS = Prepared(lambda name: Room.objects.filter(name=name).order_by("pk"), name=str)
LECTURES = Prepared(
    lambda number: Lecture.objects.select_related("offering__course", "room", "section").filter(pk=number).order_by(),
    number=int,
)


def test_it_finds_what_the_query_finds(campus: Campus) -> None:
    Room.objects.create(organisation=campus.foreign_admin.organisation, name="Hall B-12")
    for name in ("Hall B-12", "place 0", "", "'; DROP TABLE", "Hall%s"):
        assert ROOMS.rows(name=name) == list(Room.objects.filter(name=name).order_by("pk"))
    assert ROOMS.first(name="Nowhere") is None


def test_what_is_selected_beside_a_row_takes_no_query_of_its_own(campus: Campus) -> None:
    LECTURES.first(number=campus.lecture.pk)
    with CaptureQueriesContext(connection) as queries:
        lecture = LECTURES.first(number=campus.lecture.pk)
        assert lecture is not None
        assert (lecture.offering.course, lecture.room, lecture.section) == (campus.course, campus.room, None)
    assert len(queries) == 1


@pytest.mark.parametrize("model", [Lecture, AttendanceSession, LoginSession, User, Enrolment])
def test_each_column_is_what_the_model_holds(campus: Campus, model: type) -> None:
    signed_in(campus.amira)
    open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    found = Prepared(lambda pk: model._default_manager.filter(pk=pk).order_by(), pk=_kind_of_key(model))
    row = model._default_manager.first()
    again = found.first(pk=row.pk)
    names = [field.attname for field in model._meta.concrete_fields]
    assert {name: getattr(again, name) for name in names} == {name: getattr(row, name) for name in names}


def _kind_of_key(model: type) -> type:
    return str if model is LoginSession else int


def test_a_value_that_the_query_does_not_ask_for_is_refused(campus: Campus) -> None:
    changed = Prepared(lambda number: Room.objects.filter(capacity=number + 1).order_by(), number=int)
    with pytest.raises(RuntimeError, match="is not to be found"):
        changed.rows(number=1)


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_on_a_connection_of_its_own(campus: Campus) -> None:
    found: list[Room | None] = []

    def ask() -> None:
        found.append(ROOMS.first(name="Hall B-12"))
        connection.close()

    for _time in range(2):
        thread = Thread(target=ask)
        thread.start()
        thread.join()
    assert found == [campus.room, campus.room]


def test_a_query_within_a_savepoint_may_lock(campus: Campus) -> None:
    locked = Prepared(lambda student: Attendance.objects.select_for_update().filter(student=student), student=int)
    assert locked.first(student=campus.amira.pk) is None


def test_a_session_that_there_is_not_is_none(campus: Campus) -> None:
    assert [session_numbered(number) for number in (None, 0, 2**63 - 1)] == [None, None, None]


@pytest.mark.parametrize(
    "change",
    [
        lambda enrolment, today: {},
        lambda enrolment, today: {"from_day": today + timedelta(days=1)},
        lambda enrolment, today: {"from_day": today, "until_day": today},
        lambda enrolment, today: {"until_day": today - timedelta(days=1)},
    ],
)
def test_who_is_expected_is_who_stands_on_the_roster(
    campus: Campus, change: Callable[[Enrolment, date], dict[str, date]]
) -> None:
    enrolment = Enrolment.objects.get(student=campus.amira)
    Enrolment.objects.filter(pk=enrolment.pk).update(**change(enrolment, clock.today(campus.organisation.zone)))
    section = campus.offering.sections.create(name="A")
    for lecture in (campus.lecture, campus.lecture_at(clock.now())):
        for _time in range(2):
            on_it = set(roster_of(lecture).values_list("student", flat=True))
            for student in (campus.amira, campus.bilal, campus.outsider):
                assert is_expected(student, lecture) == (student.pk in on_it)
            lecture.section = section
            section.enrolments.add(enrolment)
