"""What a first look costs when others looked before: pages of one person are made of entries that many share."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance.caching import keys, principals, rounds, stamps
from attendance.caching.near import near
from attendance.models import Attendance, AttendanceSession, Room, User
from attendance.queries import records
from tests.cast import person, signed_in
from tests.pages.every import Stage

READER = 2
"""Queries that make a reader known for the first time."""


@pytest.fixture
def queries(stage: Stage) -> Callable[[str, str], int]:
    """A function that returns how many queries an answer took, just after a round: no fence would cost one."""

    def count(actor: str, address: str) -> int:
        assert rounds.run_now()
        with CaptureQueriesContext(connection) as taken:
            seen = stage.cached(actor, address)
        assert seen.status == 200
        assert seen == stage.twin(actor, address)
        return len(taken)

    return count


def test_a_students_first_look_takes_none_once_a_classmate_looked(
    stage: Stage, queries: Callable[[str, str], int]
) -> None:
    course = stage.address("course_show")
    for address in ("/dashboard/", course):
        stage.cached("bilal", address)
    assert queries("amira", "/dashboard/") == READER
    assert queries("amira", course) == 1, "the own marks"
    assert queries("amira", course) == 0


def test_in_a_large_course_each_student_is_counted_alone(
    stage: Stage, queries: Callable[[str, str], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "MOST_COUNTED_TOGETHER", 1)
    stage.cached("bilal", "/dashboard/")
    assert queries("amira", "/dashboard/") == READER + 1, "what the standings come from"
    stage.cached("amira", stage.address("course_show"))
    Attendance.objects.update_or_create(
        lecture=stage.campus.lecture, student=stage.campus.bilal, defaults={"status": "late"}
    )
    queries("amira", "/dashboard/")
    Attendance.objects.filter(student=stage.campus.bilal).update(status="present")
    assert queries("amira", "/dashboard/") == 0, "a classmate's other mark is no news"


def test_a_teachers_first_look_takes_none_once_a_student_looked(
    stage: Stage, queries: Callable[[str, str], int]
) -> None:
    stage.cached("bilal", "/dashboard/")
    assert queries("kwame", "/dashboard/") == READER


def test_a_write_that_concerns_a_course_costs_its_readers_one_reading_together(
    stage: Stage, queries: Callable[[str, str], int]
) -> None:
    for actor in ("ines", "kwame", "ines", "kwame"):
        stage.cached(actor, "/dashboard/")
    Room.objects.filter(pk=stage.campus.room.pk).update(name="Hall C")
    assert [queries(actor, "/dashboard/") for actor in ("ines", "kwame")] == [2, 0]
    AttendanceSession.objects.all().update(ends_at=stage.campus.lecture.ends_at)
    assert [queries(actor, "/dashboard/") for actor in ("kwame", "ines")] == [2, 0]


def test_a_reader_is_made_known_again_with_one_query(stage: Stage, queries: Callable[[str, str], int]) -> None:
    assert queries("kwame", "/dashboard/") > READER
    session = stage.browsers["kwame"].cookies["sessionid"].value
    stamps.client().delete(keys.entry(principals.name_of(session)))
    near.drop()
    assert queries("kwame", "/dashboard/") == 1


def test_a_reader_who_depends_on_something_else_now_is_foreseen_anew(
    stage: Stage, queries: Callable[[str, str], int]
) -> None:
    stage.cached("ines", "/dashboard/")
    elsewhere = stage.campus.foreign_admin.organisation
    User.objects.filter(pk=stage.campus.ines.pk).update(organisation=elsewhere)
    assert queries("ines", "/dashboard/") > READER, "loaded in vain, foreseen, and loaded"


@pytest.mark.parametrize("name", ["dashboard", "course_list", "course_show", "student_list"])
def test_who_oversees_an_institution_shares_pages_with_all_of_the_role(stage: Stage, name: str) -> None:
    stage.browsers["second admin"] = signed_in(person(stage.campus.organisation, "dana", "admin", "Dana Novak"))
    stage.browsers["second admin"].get("/me/")
    address = stage.address(name)
    stage.cached("admin", address)
    assert rounds.run_now()
    shared = stage.cached("second admin", address)
    assert shared.why == "LuminaLearn; hit"
    assert shared == stage.twin("second admin", address)
    assert b"Tomas" not in shared.body.split(b"<main")[0], "the frame is each one's own"
    for actor in ("auditor", "foreign_admin"):
        assert stage.cached(actor, address) == stage.twin(actor, address)


def test_others_share_no_page_that_depends_on_where_they_belong(stage: Stage) -> None:
    for name in ("dashboard", "course_list", "course_show"):
        stage.cached("ines", stage.address(name))
        assert "hit" not in stage.cached("kwame", stage.address(name)).why
