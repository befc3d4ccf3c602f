"""Undoing brings back what was there, and refuses where somebody has built on what was imported."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from attendance import clock
from attendance.importers.records import Kind
from attendance.models import (
    Attendance,
    AttendanceEvent,
    CourseStaff,
    Department,
    Enrolment,
    Import,
    Lecture,
    Offering,
    Organisation,
    Room,
    User,
)
from attendance.services.attendance_sessions import open_session
from attendance.services.importing.undoing import undo
from attendance.services.refusals import Refusal
from tests.services.importing.small_set import (
    COURSE,
    EVERYTHING,
    MARKS,
    MONDAY_LECTURE,
    WITHOUT_MARKS,
    applied,
    ended,
    prepared,
    record,
)
from tests.services.stored_rows import everything

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_september() -> Iterator[None]:
    with time_machine.travel("2026-09-01T08:00:00Z", tick=False):
        yield


def stored() -> dict[str, list[dict[str, Any]]]:
    """Return everything but the imports themselves and the record, ids of rows included."""
    kept = ("Import", "ImportRow", "AttendanceEvent")
    return {name: rows for name, rows in everything().items() if name not in kept}


def test_what_was_made_is_gone_and_what_was_changed_as_before(school: Organisation, admin: User) -> None:
    Room.objects.create(organisation=school, name="Hall B-12", capacity=10)
    before = stored()
    done = undo(applied=applied(school, *WITHOUT_MARKS), actor=admin)
    assert (done.state, done.undone_by, stored() == before) == ("undone", admin, True)


def test_changes_of_every_kind_are_taken_back(school: Organisation, admin: User) -> None:
    applied(school, *WITHOUT_MARKS)
    before = stored()
    done = applied(
        school,
        record(Kind.INSTITUTION, name="Renamed"),
        record(Kind.ROOM, "Hall B-12", archived=True),
        record(Kind.TERM, "Autumn", last_day="2026-12-18"),
        record(Kind.PERSON, "S2", department=None, email="bilal@example.org", active=False),
        record(Kind.COURSE, "CS 204", title="Data"),
        record(Kind.OFFERING, *COURSE, late_weight=50),
        record(Kind.SECTION, *COURSE, "Lab 1", limit=None),
        record(Kind.ENROLMENT, *COURSE, "S1", sections=[]),
        record(Kind.MEETING, *COURSE, "", "0", "09:00", weeks="1001", room=None),
        record(
            Kind.LECTURE,
            *COURSE,
            "Lab 1",
            "2026-10-07T14:00",
            topic="Moved",
            starts_at="2026-10-07T15:00",
            ends_at="2026-10-07T16:00",
        ),
        ended(Kind.STAFF, *COURSE, "T1", "", ""),
    )
    assert "refused" not in {action for counts in done.counts.values() for action in counts}
    undo(applied=done, actor=admin)
    after = stored()
    for rows in (before["CourseStaff"], after["CourseStaff"]):
        [row.pop("id") for row in rows]  # What was deleted comes back as a new row.
    for name in ("CourseStaff", "Enrolment_sections"):
        before[name], after[name] = (sorted(map(_without_id, rows[name])) for rows in (before, after))  # type: ignore[misc]
    assert after == before


def _without_id(row: dict[str, Any]) -> str:
    return str({name: value for name, value in row.items() if name != "id"})


def test_marks_are_taken_back_by_events_and_what_they_speak_of_is_put_away(school: Organisation, admin: User) -> None:
    undo(applied=applied(school, *EVERYTHING, actor=admin), actor=admin)
    assert {row.status for row in Attendance.objects.all()} == {""}
    assert [event.to_status for event in AttendanceEvent.objects.filter(kind="marked").order_by("id")][3:] == [
        "",
        "",
        "",
    ]
    assert {lecture.cancelled_at for lecture in Lecture.objects.all()} == {clock.now()}
    assert Lecture.objects.count() == 2  # Of five, those with a history.
    assert {(user.number, user.is_active) for user in User.objects.filter(role="student")} == {
        ("S1", False),
        ("S2", False),
    }
    assert not User.objects.filter(role="teacher").exists()
    assert not CourseStaff.objects.exists()
    assert {e.until_day is not None for e in Enrolment.objects.all()} <= {True}


def test_marks_alone_are_taken_back_and_nothing_else(school: Organisation, admin: User) -> None:
    applied(school, *WITHOUT_MARKS)
    before = stored()
    undo(applied=applied(school, *MARKS), actor=admin)
    after = stored()
    assert {name for name in after if after[name] != before[name]} == {"Attendance"}


def test_it_can_be_applied_once_more_after_it_was_undone(school: Organisation, admin: User) -> None:
    undo(applied=applied(school, *WITHOUT_MARKS), actor=admin)
    again = applied(school, *EVERYTHING)
    assert "refused" not in {action for counts in again.counts.values() for action in counts}
    assert sorted(Attendance.objects.values_list("status", flat=True)) == ["excused", "late", "present"]


@pytest.mark.parametrize("state", ["preparing", "prepared", "failed", "discarded", "undone"])
def test_only_what_is_applied_is_undone(school: Organisation, state: str) -> None:
    ready = prepared(school, *WITHOUT_MARKS)
    moment = clock.now() if state == "undone" else None
    Import.objects.filter(pk=ready.pk).update(state=state, applied_at=moment)
    with pytest.raises(Refusal, match="cannot be undone"):
        undo(applied=ready, actor=None)


def opened_session(school: Organisation, admin: User) -> None:
    with time_machine.travel("2026-10-05T08:00:00Z"):
        open_session(lecture=Lecture.objects.get(planned_day="2026-10-05"), actor=admin, minutes=15)


def signed_in(school: Organisation, admin: User) -> None:
    User.objects.filter(number="S1").update(last_login=clock.now())


def changed_by_hand(school: Organisation, admin: User) -> None:
    Room.objects.update(capacity=1)


def marked_by_a_later_import(school: Organisation, admin: User) -> None:
    applied(school, *MARKS)


def enrolled_by_hand(school: Organisation, admin: User) -> None:
    somebody = User.objects.create(organisation=school, role="student", username="x", family_name="X", number="S9")
    Enrolment.objects.create(offering=Offering.objects.get(), student=somebody, roll_number="99")


@pytest.mark.parametrize(
    "since", [opened_session, signed_in, changed_by_hand, marked_by_a_later_import, enrolled_by_hand]
)
def test_what_somebody_built_on_it_since_stops_the_whole(school: Organisation, admin: User, since: Any) -> None:
    done = applied(school, *WITHOUT_MARKS)
    since(school, admin)
    before = everything()
    with pytest.raises(Refusal, match="cannot be undone"):
        undo(applied=done, actor=admin)
    assert everything() == before


def test_a_mark_that_a_teacher_changed_since_stops_the_whole(school: Organisation, admin: User) -> None:
    done = applied(school, *EVERYTHING)
    applied(school, record(Kind.MARK, *MONDAY_LECTURE, "S1", status="absent"))
    with pytest.raises(Refusal, match="S1"):
        undo(applied=done, actor=admin)
    assert Department.objects.exists()
