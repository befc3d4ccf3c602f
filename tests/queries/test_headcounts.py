"""Heads against marks: how many too many, and who is called first."""

import pytest

from attendance import clock
from attendance.models import Attendance, AttendanceSession, CheckInAttempt, Organisation, User
from attendance.queries.headcounts import Headcount, headcount_of
from attendance.queries.registers import register_of
from attendance.services.attendance_sessions import note_headcount, open_session
from attendance.services.check_in import check_in, check_in_typed
from attendance.services.register import Mark, mark_register
from attendance.services.scans import Sender
from tests.cast import Campus, enrol, person
from tests.phones import Phone
from tests.scans import scan, typed_now

OUTSIDE = Sender(address="203.0.113.9")
INSIDE = Sender(address="192.0.2.9")


@pytest.fixture
def session(campus: Campus) -> AttendanceSession:
    Organisation.objects.filter(pk=campus.organisation.pk).update(campus_networks=["192.0.2.0/24"])
    campus.organisation.refresh_from_db()
    return open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)


def student(campus: Campus, number: int) -> User:
    added = person(campus.organisation, f"s{number}", "student", f"Student {number}")
    enrol(campus.offering, added, f"1{number:03}")
    return added


def scanned(campus: Campus, session: AttendanceSession, number: int, sender: Sender = INSIDE) -> CheckInAttempt:
    return check_in(student=student(campus, number), claim=scan(session), sender=sender)


def counted(session: AttendanceSession, people: int | None) -> Headcount | None:
    note_headcount(session=session, people=people)
    session.refresh_from_db()
    return headcount_of(session, register_of(session.lecture))


def names(headcount: Headcount | None) -> list[str]:
    assert headcount is not None
    return [doubt.row.student.username for doubt in headcount.call]


def test_nothing_is_said_while_nobody_counted(campus: Campus, session: AttendanceSession) -> None:
    scanned(campus, session, 1)
    assert counted(session, None) is None


def test_more_heads_than_marks_say_how_many_to_look_for(campus: Campus, session: AttendanceSession) -> None:
    scanned(campus, session, 1)
    assert counted(session, 4) == Headcount(-3, [])
    assert counted(session, 1) == Headcount(0, [])


def test_the_least_sure_are_called_first(campus: Campus, session: AttendanceSession) -> None:
    phone = Phone(address="192.0.2.9")
    known = student(campus, 0)
    other = open_session(lecture=campus.lecture_at(clock.now()), actor=campus.ines, minutes=15)
    for each in (other, session):
        claim = scan(each)
        check_in(student=known, claim=claim, sender=phone.sends(known, claim))
    scanned(campus, session, 1, INSIDE)
    scanned(campus, session, 2, OUTSIDE)
    check_in_typed(student=student(campus, 3), code=typed_now(session), sender=INSIDE)
    marks = [Mark(campus.amira.pk, "present", 0), Mark(campus.bilal.pk, "remote", 0)]
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=marks)
    headcount = counted(session, 0)
    assert headcount is not None and headcount.more == 5
    assert names(headcount) == ["s3", "s2", "s1", "s0"]


def test_a_few_more_than_are_too_many_and_never_a_whole_hall(campus: Campus, session: AttendanceSession) -> None:
    for number in range(12):
        scanned(campus, session, number)
    assert [len(names(counted(session, heads))) for heads in (11, 10, 9, 1)] == [3, 4, 6, 10]


def test_equals_are_drawn_by_lot_the_same_each_time(campus: Campus, session: AttendanceSession) -> None:
    for number in range(9):
        scanned(campus, session, number)
    first = names(counted(session, 0))
    assert first == names(counted(session, 0))
    assert sorted(first) != first


def test_whom_the_teacher_marked_since_is_not_called(campus: Campus, session: AttendanceSession) -> None:
    doubtful = scanned(campus, session, 1)
    marks = [Mark(doubtful.student_id, "late", 1)]
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=marks)
    assert Attendance.objects.get().status == "late"
    assert counted(session, 0) == Headcount(1, [])
