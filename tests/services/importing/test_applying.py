"""What an import stores, that it stores it once, and that nothing is stored when something is in the way."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from attendance.importers.records import Kind
from attendance.ledger.commitment import commitment
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
from attendance.services.importing.applying import StaleRefusal, apply
from attendance.services.importing.preparing import discard
from attendance.services.refusals import Refusal
from tests.services.importing.small_set import (
    BILAL,
    COURSE,
    EVERYTHING,
    HASH,
    KWAME,
    LAB,
    MARKS,
    MONDAY_LECTURE,
    ROOM,
    WITHOUT_MARKS,
    applied,
    prepared,
    record,
    totals,
)
from tests.services.stored_rows import everything

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_september() -> None:
    with time_machine.travel("2026-09-01T08:00:00Z", tick=False):
        yield  # type: ignore[misc]


def test_comparing_changes_nothing_but_the_import(school: Organisation, admin: User) -> None:
    prepared(school, *EVERYTHING)
    assert (User.objects.count(), Room.objects.count(), Lecture.objects.count()) == (1, 0, 0)


def test_everything_is_stored(school: Organisation, admin: User) -> None:
    done = applied(school, *EVERYTHING, actor=admin)
    offering = Offering.objects.get()
    assert (done.state, done.applied_by, "refused" in totals(done)) == ("applied", admin, False)
    assert (str(offering), offering.drop_lowest, offering.late_weight) == ("CS 204 Databases, Autumn", 1, 100)
    assert {(e.student.number, e.roll_number) for e in Enrolment.objects.all()} == {("S1", "0001"), ("S2", "77")}
    assert [section.name for section in Enrolment.objects.get(student__number="S1").sections.all()] == ["Lab 1"]
    assert {(staff.user.number, staff.duty) for staff in CourseStaff.objects.all()} == {
        ("T1", "owner"),
        ("T2", "substitute"),
    }
    assert {user.username for user in User.objects.all()} == {"tomas", "s1", "s2", "t1", "kwame"}
    assert not any(user.has_usable_password() for user in User.objects.exclude(pk=admin.pk))
    assert Organisation.objects.get().late_after_minutes == 12


def test_weekly_hours_bring_their_lectures_but_none_on_a_holiday(school: Organisation, admin: User) -> None:
    applied(school, *EVERYTHING)
    weekly = Lecture.objects.filter(meeting__isnull=False)
    assert [lecture.planned_day for lecture in weekly] == [date(2026, 9, 14), date(2026, 9, 28), date(2026, 10, 5)]
    assert {lecture.starts_at.hour for lecture in weekly} == {8}  # Nine o'clock in London, in summer.
    assert {lecture.room.name for lecture in weekly if lecture.room} == {"Hall B-12"}


def test_marks_are_events_by_an_administrator(school: Organisation, admin: User) -> None:
    applied(school, *EVERYTHING)
    events = list(AttendanceEvent.objects.filter(kind="marked").order_by("id"))
    assert [(event.to_status, event.method, event.actor) for event in events] == [
        ("excused", "import", admin),
        ("present", "import", admin),
        ("late", "import", admin),
    ]
    assert all(event.commitment == commitment(event.body or "", bytes(event.salt or b"")) for event in events)
    late = Attendance.objects.get(status="late")
    assert late.recorded_at == events[2].scanned_at == datetime(2026, 10, 5, 8, 12, 30, tzinfo=UTC)


def test_the_same_file_again_changes_nothing(school: Organisation, admin: User) -> None:
    applied(school, *EVERYTHING)
    before = everything()
    again = prepared(school, *EVERYTHING)
    assert totals(again) == {"same": len(EVERYTHING) + 3}  # The weekly hour has three lectures.
    apply(prepared=again, file_hash=HASH, actor=admin)
    assert {name: rows for name, rows in everything().items() if "import" not in name.lower()} == {
        name: rows for name, rows in before.items() if "import" not in name.lower()
    }


def test_marks_without_anybody_to_answer_for_them_are_refused(school: Organisation) -> None:
    with pytest.raises(Refusal, match="somebody who answers"):
        applied(school, *EVERYTHING)
    assert not Department.objects.exists()


def test_what_changed_is_stored_and_nothing_else(school: Organisation, admin: User) -> None:
    applied(school, *EVERYTHING)
    changed = applied(
        school,
        record(Kind.ROOM, "Hall B-12", capacity=250),
        record(Kind.PERSON, "S2", department=None, family_name="Adeyemi-Cole"),
        record(Kind.ENROLMENT, *COURSE, "S2", sections=["Lab 1"], until_day="2026-11-01"),
        record(Kind.MARK, *MONDAY_LECTURE, "S2", status="absent", at="2026-10-05T11:00"),
    )
    assert totals(changed) == {"changed": 4}
    bilal = Enrolment.objects.get(student__number="S2")
    assert (bilal.roll_number, bilal.until_day, bilal.sections.count()) == ("77", date(2026, 11, 1), 1)
    assert (bilal.student.family_name, bilal.student.department, bilal.student.given_name) == (
        "Adeyemi-Cole",
        None,
        "Bilal",
    )
    mark = Attendance.objects.get(student__number="S2")
    assert (mark.status, mark.version, mark.event and mark.event.from_status) == ("absent", 2, "late")


def test_a_changed_hour_moves_its_lectures_but_not_those_moved_by_hand(school: Organisation, admin: User) -> None:
    applied(school, *WITHOUT_MARKS)
    by_hand = Lecture.objects.get(planned_day=date(2026, 9, 28))
    Lecture.objects.filter(pk=by_hand.pk).update(room=None)
    applied(school, record(Kind.MEETING, *COURSE, "", "0", "09:00", minutes=60, weeks="1011"))
    weekly = {row.planned_day: row for row in Lecture.objects.filter(meeting__isnull=False)}
    lengths = {day: (row.ends_at - row.starts_at).seconds // 60 for day, row in weekly.items()}
    assert lengths == {date(2026, 9, 14): 60, date(2026, 9, 28): 90, date(2026, 10, 5): 60}
    applied(school, record(Kind.MEETING, *COURSE, "", "0", "09:00", minutes=60, weeks="1010"))
    assert Lecture.objects.get(planned_day=date(2026, 10, 5)).cancelled_at is not None


def test_a_complete_file_ends_what_it_leaves_out(school: Organisation, admin: User) -> None:
    applied(school, *WITHOUT_MARKS)
    done = applied(school, record(Kind.ENROLMENT, *COURSE, "S1"), complete=True)
    assert totals(done) == {"same": 1, "gone": 1}
    assert Enrolment.objects.get(student__number="S2").until_day == date(2026, 9, 21)  # Not before it began.
    assert totals(prepared(school, record(Kind.ENROLMENT, *COURSE, "S1"), complete=True)) == {"same": 2}


# --- What stands in the way -------------------------------------------------------------------------------------------


def test_another_files_hash_is_refused(school: Organisation) -> None:
    with pytest.raises(Refusal, match="not the file"):
        apply(prepared=prepared(school, ROOM), file_hash="00" * 32, actor=None)
    assert not Room.objects.exists()


@pytest.mark.parametrize("state", ["preparing", "failed", "discarded", "applied", "undone"])
def test_only_what_is_ready_is_applied(school: Organisation, state: str) -> None:
    ready = prepared(school, ROOM)
    moment = datetime(2026, 9, 1, tzinfo=UTC) if state in ("applied", "undone") else None
    Import.objects.filter(pk=ready.pk).update(state=state, applied_at=moment)
    with pytest.raises(Refusal, match="cannot be applied"):
        apply(prepared=ready, file_hash=HASH, actor=None)
    assert not Room.objects.exists()


def test_a_row_made_meanwhile_stops_the_whole(school: Organisation) -> None:
    ready = prepared(school, record(Kind.DEPARTMENT, "Physics"), ROOM)
    Room.objects.create(organisation=school, name="Hall B-12")
    with pytest.raises(StaleRefusal, match="Hall B-12"):
        apply(prepared=ready, file_hash=HASH, actor=None)
    assert not Department.objects.exists()


def test_a_row_changed_meanwhile_stops_the_whole(school: Organisation) -> None:
    Room.objects.create(organisation=school, name="Hall B-12", capacity=10)
    ready = prepared(school, record(Kind.DEPARTMENT, "Physics"), ROOM)
    Room.objects.update(capacity=11)
    with pytest.raises(StaleRefusal, match="Hall B-12"):
        apply(prepared=ready, file_hash=HASH, actor=None)
    assert (Department.objects.exists(), Room.objects.get().capacity) == (False, 11)


def test_a_row_referred_to_that_went_meanwhile_stops_the_whole(school: Organisation, admin: User) -> None:
    applied(school, *WITHOUT_MARKS)
    ready = prepared(school, *MARKS)
    Lecture.objects.filter(planned_day=date(2026, 10, 5)).delete()
    with pytest.raises(Refusal):
        apply(prepared=ready, file_hash=HASH, actor=admin)
    assert not AttendanceEvent.objects.filter(kind="marked").exists()


def test_a_user_name_taken_meanwhile_stops_the_whole(school: Organisation) -> None:
    ready = prepared(school, record(Kind.DEPARTMENT, "Physics"), KWAME)
    other = Organisation.objects.create(slug="elsewhere", name="Elsewhere")
    User.objects.create(organisation=other, role="teacher", username="kwame", family_name="Else")
    with pytest.raises(StaleRefusal):
        apply(prepared=ready, file_hash=HASH, actor=None)
    assert not Department.objects.exists()


def test_what_was_put_aside_is_not_applied_and_what_was_applied_not_put_aside(school: Organisation) -> None:
    aside = discard(prepared=prepared(school, ROOM), actor=None)
    assert (aside.state, aside.rows.count()) == ("discarded", 0)
    done = applied(school, ROOM)
    with pytest.raises(Refusal, match="Undo it instead"):
        discard(prepared=done, actor=None)


def test_other_institutions_rows_are_neither_found_nor_changed(school: Organisation, admin: User) -> None:
    other = Organisation.objects.create(slug="brackley", name="Brackley", time_zone="Europe/London")
    applied(other, *WITHOUT_MARKS[1:5], BILAL)
    done = prepared(school, LAB, record(Kind.ENROLMENT, *COURSE, "S2"))
    assert totals(done) == {"refused": 2}
    applied(school, *WITHOUT_MARKS)
    assert {user.username for user in User.objects.filter(organisation=school)} >= {"aldermoor-s2"}
