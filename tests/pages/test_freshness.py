"""A kept page is the page the database would give: after each change of each column, and at each boundary of time."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import IntegrityError, OperationalError, connection, models, transaction
from django.db.models import Model

from attendance import clock
from attendance.caching import rounds
from attendance.models import (
    Attendance,
    AttendanceEvent,
    AttendanceSession,
    CourseStaff,
    Department,
    Enrolment,
    Lecture,
    LoginSession,
    Offering,
    Room,
    Section,
    Term,
)
from attendance.services.enrolment import issue_code
from tests.cast import Campus, enrol
from tests.pages.every import VIEWS, Stage

READERS = ("amira", "ines", "admin")
MOST_ROWS = 3
NEVER_SHOWN = (AttendanceEvent, LoginSession)
"""Append-only, and what the tests of readers look at."""
TABLES = [
    model
    for model in apps.get_app_config("attendance").get_models(include_auto_created=True)
    if model not in NEVER_SHOWN
]


@pytest.fixture
def furnished(campus: Campus) -> Campus:
    """Something of everything that a page can show, and a second one of it to change to."""
    organisation = campus.organisation
    section = Section.objects.create(offering=campus.offering, name="Seminar A")
    Department.objects.create(organisation=organisation, name="Mathematics")
    room = Room.objects.create(organisation=organisation, name="Room 2")
    today = clock.today(organisation.zone)
    Term.objects.create(
        organisation=organisation, name="Spring", first_day=today + timedelta(80), last_day=today + timedelta(200)
    )
    Enrolment.objects.get(student=campus.amira).sections.add(section)
    issue_code(offering=campus.offering, actor=campus.ines)
    past = campus.past_lectures(2)
    campus.future_lectures(2)
    Lecture.objects.create(
        organisation=organisation,
        offering=campus.offering,
        section=section,
        room=room,
        topic="Joins",
        starts_at=clock.now() + timedelta(hours=2),
        ends_at=clock.now() + timedelta(hours=3),
    )
    for student, status in ((campus.amira, "present"), (campus.bilal, "absent")):
        Attendance.objects.create(lecture=past[0], student=student, status=status)
    AttendanceSession.objects.create(
        lecture=past[0],
        opened_by=campus.ines,
        opened_at=past[0].starts_at,
        ends_at=past[0].ends_at,
        closed_at=past[0].ends_at,
        closed_by=campus.ines,
    )
    CourseStaff.objects.create(offering=campus.offering, user=campus.other_teacher, duty="substitute", lecture=past[1])
    return campus


@pytest.fixture
def full_stage(furnished: Campus, stage: Stage) -> Stage:
    """Everything on it, every page kept."""
    assert_all_like_their_twins(stage)
    assert_all_like_their_twins(stage)
    return stage


def assert_all_like_their_twins(stage: Stage, *hint: object) -> None:
    for actor in READERS:
        for name in VIEWS:
            address = stage.address(name)
            assert stage.cached(actor, address) == stage.twin(actor, address), (actor, address, *hint)


def other_values(row: Model, column: Any) -> Iterator[Any]:
    """Yield values that a column of a row does not have, the likeliest to be accepted first."""
    present = getattr(row, column.attname)
    if column.choices:
        yield from (value for value, _label in column.choices if value != present)
    elif isinstance(column, models.ForeignKey):
        yield from column.related_model._default_manager.exclude(pk=present).values_list("pk", flat=True)[:6]
        yield None
    elif isinstance(column, models.BooleanField):
        yield not present
    elif isinstance(column, models.IntegerField):
        yield from ((present or 0) + 1, (present or 0) - 1)
    elif isinstance(column, models.DateTimeField):
        yield from ((present or clock.now()) + hours for hours in (timedelta(hours=-25), timedelta(hours=25)))
        yield None
    elif isinstance(column, models.DateField):
        yield from ((present or date(2026, 11, 1)) + days for days in (timedelta(-1), timedelta(1)))
    elif isinstance(column, models.CharField | models.TextField):
        yield from ("Europe/Prague", f"changed{row.pk}"[: column.max_length or 50])


def changed(row: Model, column: Any) -> bool:
    """Change a column of a row to something else; say whether any other value is possible."""
    rows: Any = type(row)._default_manager.filter(pk=row.pk)
    for value in other_values(row, column):
        try:
            with transaction.atomic():
                if rows.update(**{column.attname: value}):
                    return True
        except (IntegrityError, OperationalError):
            continue
    return False


def rows() -> Iterator[Model]:
    """Yield some rows of every table."""
    for model in TABLES:
        yield from model._default_manager.order_by("pk")[:MOST_ROWS]


def test_every_column_of_every_table_is_seen_at_once(full_stage: Stage) -> None:
    """Whatever the rules and tags of a page forgot shows here; a new page needs no test of its own."""
    for row in rows():
        for column in row._meta.concrete_fields:
            if not column.primary_key and changed(row, column):
                assert_all_like_their_twins(full_stage, type(row), row, column.name)
                type(row)._default_manager.filter(pk=row.pk).update(**{column.attname: getattr(row, column.attname)})


def test_every_row_that_goes_and_comes_back_is_seen_at_once(full_stage: Stage) -> None:
    for row in rows():
        if gone(row):
            assert_all_like_their_twins(full_stage, type(row), row, "gone")
            row.save(force_insert=True)
            assert_all_like_their_twins(full_stage, type(row), row, "back")


def gone(row: Model) -> bool:
    """Delete a row unless another one needs it; say whether it is gone."""
    rows: Any = type(row)._default_manager.filter(pk=row.pk)
    try:
        with transaction.atomic():
            rows._raw_delete("default")
            connection.check_constraints()
    except (IntegrityError, OperationalError):
        return False
    return True


def test_a_write_by_hand_is_seen_after_one_round(full_stage: Stage) -> None:
    from tests.caching.conftest import by_hand

    with by_hand() as plain:
        plain.execute("UPDATE attendance_course SET title = 'By hand'")
        plain.execute("UPDATE attendance_user SET family_name = 'Hand'")
    assert rounds.run_now()
    assert_all_like_their_twins(full_stage)


# --- Boundaries of time -----------------------------------------------------------------------------------------------


def boundaries(campus: Campus) -> dict[str, datetime]:
    """Enrol somebody for three days, and return moments at which a page may become another one without any write."""
    zone = campus.organisation.zone
    tomorrow = datetime.combine(clock.today(zone) + timedelta(days=1), time.min, tzinfo=zone)
    lectures = list(Lecture.objects.filter(ends_at__gt=clock.now()).order_by("starts_at"))
    today = clock.today(zone)
    place = enrol(campus.offering, campus.outsider, "0003")
    Enrolment.objects.filter(pk=place.pk).update(from_day=today + timedelta(1), until_day=today + timedelta(3))
    enrolment = Enrolment.objects.get(pk=place.pk)
    code = Offering.objects.get(pk=campus.offering.pk).enrolment_code_expires_at
    assert enrolment.from_day and enrolment.until_day and code
    return {
        "midnight": tomorrow,
        "midnight after": tomorrow + timedelta(days=1),
        "the lecture that is on ends": lectures[0].ends_at,
        "check-in ends": AttendanceSession.objects.get(closed_at__isnull=True).ends_at,
        "the next lecture starts": lectures[1].starts_at,
        "the next lecture ends": lectures[1].ends_at,
        "tomorrow's lecture starts": lectures[2].starts_at,
        "tomorrow's lecture ends": lectures[2].ends_at,
        "an enrolment begins": datetime.combine(enrolment.from_day, time.min, tzinfo=zone),
        "an enrolment is over": datetime.combine(enrolment.until_day + timedelta(1), time.min, tzinfo=zone),
        "the enrolment code ends": code,
        "the term is over": datetime.combine(campus.term.last_day + timedelta(1), time.min, tzinfo=zone),
    }


NAMES = [
    "midnight",
    "midnight after",
    "the lecture that is on ends",
    "check-in ends",
    "the next lecture starts",
    "the next lecture ends",
    "tomorrow's lecture starts",
    "tomorrow's lecture ends",
    "an enrolment begins",
    "an enrolment is over",
    "the enrolment code ends",
    "the term is over",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_page_equals_its_twin_on_both_sides_of_each_boundary(
    furnished: Campus, stage: Stage, anywhere: str, name: str
) -> None:
    LoginSession.objects.update(expire_date=clock.now() + timedelta(days=400))
    moment = boundaries(furnished)[name]
    with time_machine.travel(moment - timedelta(seconds=1), tick=False) as traveller:
        for actor in READERS:
            for page in VIEWS:
                kept = [stage.cached(actor, stage.address(page)) for _time in range(3)]
                assert kept[0] == kept[2]
        assert_all_like_their_twins(stage, name, "before")
        traveller.move_to(moment)
        assert_all_like_their_twins(stage, name, "at")
        traveller.move_to(moment + timedelta(seconds=1))
        assert_all_like_their_twins(stage, name, "after")


def test_the_lecture_that_starts_changes_the_dashboard(furnished: Campus, stage: Stage) -> None:
    """The check above compares with a twin; this one says that there was something to see."""
    moment = boundaries(furnished)["the next lecture starts"]
    with time_machine.travel(moment - timedelta(seconds=1), tick=False) as traveller:
        before = [stage.cached("ines", "/dashboard/") for _time in range(3)]
        traveller.move_to(moment)
        assert stage.cached("ines", "/dashboard/") != before[-1]
