"""What a first look costs when others looked before: pages of one person are made of entries that many share."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance.caching import keys, principals, rounds, stamps
from attendance.caching.near import near
from attendance.models import Attendance, Room, User
from attendance.queries import records
from tests.cast import person, signed_in
from tests.pages.every import Stage

READER = 2
"""Queries that make a reader known for the first time."""


@pytest.fixture
def fresh(stage: Stage, forget_pages: Callable[[], None]) -> Stage:
    """Nobody has looked at any page yet, and each browser has a form token."""
    for actor in ("bilal", "amira", "kwame", "ines"):
        stage.browsers[actor] = signed_in(getattr(stage.campus, actor))
        stage.browsers[actor].get("/me/")
    settle()
    forget_pages()
    return stage


def settle() -> None:
    """Carry over what was written, so that no later round ends anything again."""
    assert rounds.run_now()


def queries(stage: Stage, actor: str, address: str) -> int:
    """Return how many queries a person's answer takes."""
    with CaptureQueriesContext(connection) as taken:
        seen = stage.cached(actor, address)
    number = len(taken)  # The next request empties the list.
    assert seen.status == 200
    assert seen == stage.twin(actor, address)
    return number


def test_a_students_first_look_takes_none_once_a_classmate_looked(fresh: Stage) -> None:
    course = fresh.address("course_show")
    for address in ("/dashboard/", course):
        fresh.cached("bilal", address)
    assert queries(fresh, "amira", "/dashboard/") == READER
    assert queries(fresh, "amira", course) == 1, "the own marks"
    assert queries(fresh, "amira", course) == 0


def test_in_a_large_course_each_student_is_counted_alone(fresh: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST_COUNTED_TOGETHER", 1)
    fresh.cached("bilal", "/dashboard/")
    assert queries(fresh, "amira", "/dashboard/") == READER + 1, "what the standings come from"


def test_a_classmates_mark_ends_no_page_of_a_student(fresh: Stage) -> None:
    for student in (fresh.campus.amira, fresh.campus.bilal):
        Attendance.objects.update_or_create(
            lecture=fresh.campus.lecture, student=student, defaults={"status": "late", "version": 1}
        )
    settle()
    fresh.cached("amira", "/dashboard/")
    Attendance.objects.filter(student=fresh.campus.bilal).update(status="present")
    assert queries(fresh, "amira", "/dashboard/") == 0
    assert queries(fresh, "bilal", "/dashboard/") == READER + 1, "the course is counted anew"


def test_a_teachers_first_look_takes_none_once_a_student_looked(fresh: Stage) -> None:
    fresh.cached("bilal", "/dashboard/")
    assert queries(fresh, "kwame", "/dashboard/") == READER


def test_a_write_that_concerns_a_course_costs_its_readers_one_reading_together(fresh: Stage) -> None:
    for actor in ("ines", "kwame"):
        fresh.cached(actor, "/dashboard/")
    Room.objects.filter(pk=fresh.campus.room.pk).update(name="Hall C")
    settle()
    assert [queries(fresh, actor, "/dashboard/") for actor in ("ines", "kwame")] == [2, 0]


def test_a_reader_is_made_known_again_with_one_query(fresh: Stage) -> None:
    fresh.cached("ines", "/dashboard/")
    fresh.cached("kwame", "/dashboard/")
    session = fresh.browsers["kwame"].cookies["sessionid"].value
    stamps.client().delete(keys.entry(principals.name_of(session)))
    near.drop()
    assert queries(fresh, "kwame", "/dashboard/") == 1


def test_a_reader_who_depends_on_something_else_now_is_foreseen_anew(fresh: Stage) -> None:
    fresh.cached("ines", "/dashboard/")
    elsewhere = fresh.campus.foreign_admin.organisation
    User.objects.filter(pk=fresh.campus.ines.pk).update(organisation=elsewhere)
    settle()
    assert queries(fresh, "ines", "/dashboard/") >= READER + 1, "loaded in vain, foreseen, and loaded"


@pytest.mark.parametrize("name", ["dashboard", "course_list", "course_show", "student_list"])
def test_who_oversees_an_institution_shares_pages_with_all_of_the_role(stage: Stage, name: str) -> None:
    stage.browsers["second admin"] = signed_in(person(stage.campus.organisation, "dana", "admin", "Dana Novak"))
    stage.browsers["second admin"].get("/me/")
    address = stage.address(name)
    settle()
    stage.cached("admin", address)
    shared = stage.cached("second admin", address)
    assert shared.why == "LuminaLearn; hit"
    assert shared == stage.twin("second admin", address)
    assert b"Tomas" not in shared.body.split(b"<main")[0], "the frame is each one's own"
    for actor in ("auditor", "foreign_admin"):
        assert stage.cached(actor, address) == stage.twin(actor, address)


def test_others_share_no_page_that_depends_on_where_they_belong(fresh: Stage) -> None:
    for name in ("dashboard", "course_list", "course_show"):
        fresh.cached("ines", fresh.address(name))
        assert "hit" not in fresh.cached("kwame", fresh.address(name)).why
